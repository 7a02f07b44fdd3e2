"""Writes that come while another one runs are made together: one transaction for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
MOST = 200  # of one transaction


class Together(Generic[Asked, Answer]):
    """Nobody waits for company: a write that comes alone is made at once.

    `write` takes several and answers each in its place. Where it fails for several, each is tried
    alone, so that one cannot fail another.
    """

    def __init__(self, write: Callable[[list[Asked]], Awaitable[list[Answer]]]) -> None:
        self._write = write
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, asked: Asked) -> Answer:
        """Returns once it is written. Raises what `write` raises."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if not await self._written(some):
                for one in some:
                    await self._written([one])

    async def _written(self, some: list[tuple[Asked, asyncio.Future[Answer]]]) -> bool:
        """Whether everybody who asked has an answer; one alone has it in any case."""
        try:
            answers = await self._write([asked for asked, _ in some])
        except BaseException as error:
            if isinstance(error, Exception) and len(some) > 1:
                return False
            for _, waits in some:
                if not waits.done():
                    waits.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return True
        for (_, waits), answer in zip(some, answers, strict=True):
            if not waits.done():  # whoever asked may be gone
                waits.set_result(answer)
        return True
