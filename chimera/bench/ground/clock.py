"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
Say = Callable[[str], None]


async def until(look: Callable[[], Awaitable[T]], limit: float, every: float = 0.5) -> T | None:
    """The first true answer of `look`, or None when `limit` seconds have passed without one."""
    ends = time.monotonic() + limit
    while True:
        found = await look()
        if found:
            return found
        if time.monotonic() >= ends:
            return None
        await asyncio.sleep(every)
