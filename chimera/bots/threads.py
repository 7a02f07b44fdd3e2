"""One thread an incident, its head kept up to date, approvals with buttons: in any chat that has these."""

from __future__ import annotations

from typing import Any, Protocol

from pydantic import TypeAdapter

from chimera.bots.delivery import Delivery
from chimera.domain import Notice, Severity

HEAD, STEP = "chimera_incident", "chimera_notice"  # kinds of messages
NOTICES = TypeAdapter(list[Notice])
WEIGHED = ("priority", "impact", "marks", "signal", "service")  # an order's notice knows them not

Place = tuple[
    str, str
]  # of a message: the channel's id and its own; of a thread: its first message
Drawn = tuple[str, Any]  # what a client without pictures shows, and the message itself


class Posts(Protocol):
    """Messages of a chat, each posted once. Raises Unavailable, Refused."""

    async def post(
        self, kind: str, mark: str, text: str, blocks: Any, thread: Place | None
    ) -> Place: ...

    async def posted(self, kind: str, mark: str) -> Place | None: ...

    async def edit(self, place: Place, text: str, blocks: Any) -> None: ...

    async def link(self, place: Place) -> str | None: ...


class Drawing(Protocol):
    """How a chat shows a notice; a module of functions will do."""

    def head(self, notice: Notice) -> Drawn: ...

    def reply(self, notice: Notice) -> Drawn: ...

    def approval(self, notice: Notice) -> Drawn: ...

    def decided(self, notice: Notice, answer: str) -> Drawn: ...


class Threads:
    """Notices as one thread an incident: each a reply, the newest state in the head."""

    def __init__(self, delivery: Delivery, posts: Posts, drawing: Drawing) -> None:
        self._delivery = delivery
        self._posts = posts
        self._drawing = drawing

    async def send(self, notice: Notice) -> str | None:
        """Post it once, and say in the head how things stand; the thread's link."""
        async with self._delivery.alone(notice.incident):
            thread = await self._head(notice)
            if not await self._delivery.get(f"sent:{notice.id}"):
                if notice.kind == "approval":
                    await self._ask(notice, thread)
                elif notice.kind != "opened":
                    text, blocks = self._drawing.reply(notice)
                    await self._posts.post(STEP, notice.id, text, blocks, thread)
                    await self._close(notice, thread)
                await self._edit_head(notice, thread)
                await self._delivery.put(f"sent:{notice.id}", "yes")
            return await self._posts.link(thread)

    async def _head(self, notice: Notice) -> Place:
        """The thread's first message, posted if it is not there."""
        state = f"state:{notice.incident}"
        if await self._delivery.get(state) is None:
            await self._delivery.put(state, notice.model_dump_json())
        correlation = await self._delivery.correlation(notice.incident)
        text, blocks = self._drawing.head(notice)
        head = await self._posts.post(HEAD, correlation, text, blocks, None)
        await self._delivery.put(
            "incident:" + "/".join(head), notice.incident
        )  # for who asks there
        return head

    async def _edit_head(self, notice: Notice, thread: Place) -> None:
        """Show the newest state, in whatever order notices come."""
        key = f"state:{notice.incident}"
        shown = await self._notice(key)
        if shown is None or notice.id == shown.id:
            return
        state = merged(shown, notice)
        if state != shown:
            await self._posts.edit(thread, *self._drawing.head(state))
            await self._delivery.put(key, state.model_dump_json())

    async def _ask(self, notice: Notice, thread: Place) -> None:
        """Post an approval. Without buttons, if its end came through before it."""
        over = [
            end
            for end in (
                await self._notice(f"end:{notice.incident}/{notice.order_id}"),
                await self._notice(f"end:{notice.incident}/"),
            )
            if end is not None and end.at > notice.at
        ]
        if over:
            text, blocks = self._drawing.decided(notice, over[0].title)
        else:
            text, blocks = self._drawing.approval(notice)
        await self._posts.post(STEP, notice.id, text, blocks, thread)
        waiting = await self._waiting(notice.incident)
        if not over and notice.id not in [asked.id for asked in waiting]:
            await self._wait(notice.incident, [*waiting, notice])

    async def _close(self, notice: Notice, thread: Place) -> None:
        """Take the buttons away from what this notice says is over.

        With an order id that is the order's approval; an outcome or resolution without one ends
        all that was asked before it.
        """
        if notice.order_id is None and notice.kind not in ("outcome", "resolved"):
            return
        key = f"end:{notice.incident}/{notice.order_id or ''}"
        last = await self._notice(key)
        if last is None or last.at < notice.at:
            await self._delivery.put(key, notice.model_dump_json())
        left = []
        for asked in await self._waiting(notice.incident):
            if asked.at < notice.at and notice.order_id in (None, asked.order_id):
                text, blocks = self._drawing.decided(asked, notice.title)
                place = await self._posts.post(STEP, asked.id, text, blocks, thread)
                await self._posts.edit(place, text, blocks)
            else:
                left.append(asked)
        await self._wait(notice.incident, left)

    async def _waiting(self, incident: str) -> list[Notice]:
        """The approvals that show buttons."""
        return NOTICES.validate_json(await self._delivery.get(f"waiting:{incident}") or "[]")

    async def _wait(self, incident: str, waiting: list[Notice]) -> None:
        await self._delivery.put(f"waiting:{incident}", NOTICES.dump_json(waiting).decode())

    async def _notice(self, key: str) -> Notice | None:
        kept = await self._delivery.get(key)
        return Notice.model_validate_json(kept) if kept else None


def merged(shown: Notice, notice: Notice) -> Notice:
    """The incident's state after one more notice, which may be older than what is shown.

    What the newer one does not mention is still so: the cause stays in the head. A question
    changes the phase alone. The title is that of the opening.
    """
    newer = notice.at >= shown.at
    if notice.kind == "approval":
        phase = notice.phase if newer else shown.phase
        return shown.model_copy(update={"phase": phase, "at": max(notice.at, shown.at)})
    old, new = (shown, notice) if newer else (notice, shown)
    paged = Severity.PAGE in (old.severity, new.severity)
    return new.model_copy(
        update={
            "title": notice.title if notice.kind == "opened" else shown.title,
            "phase": new.phase or old.phase,
            "severity": Severity.PAGE.value if paged else new.severity,
            "close_code": new.close_code or old.close_code,
            **({} if new.signal else {k: getattr(old, k) for k in WEIGHED}),
            "cause": new.cause or old.cause,
            "fields": {**old.fields, **new.fields},
            "links": {**old.links, **new.links},
        }
    )
