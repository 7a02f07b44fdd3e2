"""What a turn leaves behind for whoever asks later: lines of the audit log, and its record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from chimera.agents.chat.shape import Reply
from chimera.domain import CHIMERA, Called, Event, NotFound, Principal, RunRecord, Took
from chimera.flows.conversation.state import Talk
from chimera.platform.governance.audit import Entry, digest
from chimera.platform.governance.audit_trail import Trail
from chimera.platform.observability.redaction import redacted
from chimera.platform.store import Store

SAID = 300  # characters of what was said that a timeline keeps


class Accounts:
    """Of every conversation, where there is a trail to write to."""

    def __init__(self, services: Mapping[type, Any]) -> None:
        self._trail: Trail | None = services.get(Trail)
        self._store: Store | None = services.get(Store)

    async def heard(self, thread: str, text: str, who: Principal, mark: str) -> datetime:
        """A message came in; when."""
        if self._trail is not None:
            said = Entry(
                who=who.id,
                action="message.heard",
                object=thread,
                details={"text": digest(text), "via": who.via},
                key=f"heard/{thread}/{mark}" if mark else "",
            )
            await self._trail.note(said)
        return datetime.now(UTC)

    async def said(self, incident: str, text: str, who: Principal, mark: str) -> None:
        """What a person writes in an incident's thread is part of its timeline, without secrets."""
        if self._store is None:
            return
        try:
            phase = (await self._store.incident(incident)).phase
        except NotFound:
            return
        words = " ".join(redacted(text).split())
        words = words if len(words) <= SAID else f"{words[:SAID]} ..."
        line = Event(
            incident=incident,
            key=f"said/{mark}",
            at=datetime.now(UTC),
            phase=phase,
            text=f"said: {words}",
            actor=who.id,
        )
        await self._store.add_event(line)

    async def answered(
        self,
        thread: str,
        text: str,
        who: Principal,
        mark: str,
        reply: Reply,
        end: Talk,
        began: datetime,
    ) -> None:
        """Its answer goes out: the lines of the whole turn are written, with its record."""
        if self._trail is None:
            return
        said = answer(thread, who, mark, reply)
        run = record_of(thread, text, who, reply, end, began)
        write = partial(self._store.keep_run, run) if self._store else None
        await self._trail.settle(said, write=write)

    async def turned_away(self, thread: str, text: str, who: Principal, mark: str) -> None:
        """A message of somebody unknown, who is told nothing."""
        await self.heard(thread, text, who, mark)
        if self._trail is not None:
            await self._trail.settle(answer(thread, who, mark, Reply(kind="refused")))


def answer(thread: str, who: Principal, mark: str, reply: Reply) -> Entry:
    return Entry(
        who=CHIMERA.id,
        behalf=who.id,
        action="message.answered",
        object=thread,
        evidence=tuple(piece.id for piece in reply.evidence),
        details={"text": digest(reply.text), "kind": reply.kind, "order": reply.order},
        key=f"answered/{thread}/{mark}" if mark else "",
    )


def record_of(
    thread: str, text: str, who: Principal, reply: Reply, end: Talk, began: datetime
) -> RunRecord:
    calls = tuple(Called.model_validate(one) for one in end.get("called") or ())
    made = reply.made
    took = Took()
    if made is not None:
        took = Took(
            model=made.model,
            prompt=made.prompt,
            requests=made.requests,
            tokens=made.tokens_in + made.tokens_out,
            money=made.money,
        )
    by = f"a model, {made.instead}" if made and made.instead else "a model" if made else "rules"
    about = f" ({end.get('intent')})" if end.get("intent") else ""
    return RunRecord(
        id=uuid.uuid4().hex,
        kind="turn",
        subject=thread,
        who=who.id,
        asked=digest(text),
        began=began,
        ended=datetime.now(UTC),
        plans=(tuple(call.tool for call in calls),) if calls else (),
        calls=calls,
        used=tuple(piece.id for piece in reply.evidence),
        took=took,
        decision=f"{reply.kind}{about}, by {by}",
        order=reply.order,
        partial=reply.partial,
    )
