"""A bench that is told to stop ends with an exit code, once its stack is down."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer

T = TypeVar("T")
TERMINATED = 143


def run(bench: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, where SIGTERM is no traceback."""
    try:
        return asyncio.run(bench)
    except asyncio.CancelledError:
        raise typer.Exit(TERMINATED) from None
