"""A model that writes word by word, as the streaming tests of every chat tell it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from chimera.domain.dialogue import Completion, Message, ToolOffer


class Author:
    """A model that writes when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.words: asyncio.Queue[str | None] = asyncio.Queue()

    def of(self, hear: Callable[[str], None]) -> Author:
        self._hear = hear
        return self

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolOffer] = ()
    ) -> Completion:
        text = ""
        self.asked.set()
        while (more := await self.words.get()) is not None:
            text += more
            self._hear(text)
        return Completion(text=text)


def lines(word: str, count: int) -> str:
    return "".join(f"{word} number {n} is well and answers. " for n in range(count))
