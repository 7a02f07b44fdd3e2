"""An answer that takes its time: a message that says so, edited as the words come, then the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import structlog

from chimera.bots.delivery import Delivery
from chimera.bots.threads import Drawn, Place
from chimera.bots.words import Words
from chimera.domain import ChimeraError, Refused

SLOW = 1.0  # seconds until it is said that an answer is under way
LOOKING = "Looking \N{HORIZONTAL ELLIPSIS}"
log = structlog.get_logger(__name__)


class Posts(Protocol):
    """The part of a chat's posts that drafts need. Raises Unavailable, Refused."""

    async def post(
        self, kind: str, mark: str, text: str, blocks: Any, thread: Place | None
    ) -> Place: ...

    async def edit(self, place: Place, text: str, blocks: Any) -> None: ...

    async def typing(self, place: Place) -> None:
        """Show that an answer is being thought of, where the chat has a sign for it."""
        ...

    def held(self) -> float:
        """Seconds for which the chat takes no more edits."""
        ...


class Drafts:
    """At most one message for each answer: the draft becomes the answer by its last edit.

    That there may be a draft is written down before it is posted, so whoever answers after a crash
    finds it by the answer's mark and edits it, instead of saying a second thing. `drawn` is how the
    chat shows the words so far ("": none yet); `every` are the seconds between two edits of a
    message, which is what the chat takes.
    """

    def __init__(
        self,
        kind: str,
        posts: Posts,
        delivery: Delivery,
        words: Words,
        drawn: Callable[[str], Drawn],
        every: float = 1.0,
    ) -> None:
        self._kind = kind
        self._posts = posts
        self._delivery = delivery
        self._words = words
        self._drawn = drawn
        self._every = every
        self._edited: dict[Place, float] = {}  # on time.monotonic()

    @asynccontextmanager
    async def showing(self, mark: str, thread: str, place: Place) -> AsyncIterator[None]:
        """While the block thinks of the answer `mark` to the conversation `thread`."""
        thought = asyncio.Event()
        self._words.listen(thread)
        writing = asyncio.create_task(self._write(mark, thread, place, thought))
        try:
            yield
        finally:
            thought.set()  # never in the middle of a call: what came of it would be unknown
            await writing
            self._words.forget(thread)

    async def whole(self, mark: str, text: str, blocks: Any, place: Place) -> Place:
        """Say the answer itself, once; where it is. Raises Unavailable, Refused."""
        drafted = await self._delivery.get(f"draft:{mark}")
        found = await self._posts.post(self._kind, mark, text, blocks, place)
        if drafted:
            await asyncio.sleep(self._wait(found))
            self._edited.pop(found, None)
            try:
                await self._posts.edit(found, text, blocks)
            except Refused:  # somebody has deleted the draft
                found = await self._posts.post(self._kind, f"{mark}/whole", text, blocks, place)
        return found

    async def _write(self, mark: str, thread: str, place: Place, thought: asyncio.Event) -> None:
        try:
            await self._posts.typing(place)
            if await done(thought, SLOW):
                return
            await self._delivery.put(f"draft:{mark}", "yes")
            draft = await self._posts.post(self._kind, mark, *self._drawn(""), place)
            self._edited[draft] = time.monotonic()
            shown = ""
            while not await done(thought, self._wait(draft) or self._every):
                text = self._words.so_far(thread)
                if text and text != shown and await self._edit(draft, text):
                    shown = text
        except ChimeraError as error:  # the answer itself is tried again; a draft is not
            log.info("draft_not_shown", error=str(error))

    async def _edit(self, draft: Place, text: str) -> bool:
        """Show more of it; where the chat takes no edit now, later."""
        try:
            await self._posts.edit(draft, *self._drawn(text))
        except ChimeraError as error:
            log.info("draft_not_edited", error=str(error))
            self._edited[draft] = time.monotonic() + self._posts.held()
            return False
        self._edited[draft] = time.monotonic()  # a call may have waited before it was made
        return True

    def _wait(self, draft: Place) -> float:
        """Seconds until the message may be edited again."""
        return max(self._edited.get(draft, 0.0) + self._every - time.monotonic(), 0.0)


async def done(event: asyncio.Event, seconds: float) -> bool:
    """Whether it is, within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
