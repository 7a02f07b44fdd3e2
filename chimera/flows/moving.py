"""Merge and split by hand, carried out by the grouper so that one place decides membership."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from temporalio.client import Client

from chimera.domain import Estate, Event, Incident, Notice, Phase, Refused
from chimera.flows.membership import summary
from chimera.flows.said import have_told, remark
from chimera.platform.store import Member, Move, Moved, Store

log = structlog.get_logger()


async def may_move(store: Store, move: Move) -> None:
    """Raises NotFound or Refused unless the move can be made now."""
    names = [move.source, move.into] if move.kind == "merge" else [move.source]
    if move.kind == "merge" and move.source == move.into:
        raise Refused(f"{move.source} cannot be merged into itself; name two incidents")
    for name in names:
        incident = await store.incident(name)
        if incident.phase is Phase.RESOLVED or incident.merged_into:
            why = f"was merged into {incident.merged_into}" if incident.merged_into else "is over"
            raise Refused(f"{name} {why}: nothing can be moved from or to it")
    for record in await store.orders(incident=move.source):
        if record.outcome is None:
            raise Refused(
                f"order {record.order.id} ({record.order.runbook} on {record.order.target}) of "
                f"{move.source} is {record.state}: what it repairs cannot move; wait for its end, "
                f"or deny it if it waits (`chimera orders show {record.order.id}`)"
            )
    if move.kind == "split":
        services = {m.service for m in await store.members(incident=move.source)}
        if move.service not in services:
            raise Refused(
                f"{move.source} shows nothing of {move.service}; "
                f"it shows {', '.join(sorted(services)) or 'nothing'}"
            )
        if services == {move.service}:
            raise Refused(f"{move.source} is all about {move.service}: there is nothing to split")


class Moving:
    """The moves that people asked for; each is done once, or refused with its reason."""

    def __init__(
        self, store: Store, client: Client, task_queue: str, estate: Estate, environment: str
    ) -> None:
        self._store = store
        self._client = client
        self._task_queue = task_queue
        self._estate = estate
        self._environment = environment

    async def all_that_was_asked(self, burning: Mapping[str, float]) -> None:
        for move in await self._store.moves():
            try:
                await may_move(self._store, move)
                if move.kind == "merge":
                    await self._merge(move, burning)
                else:
                    await self._split(move, burning)
            except Refused as no:
                await self._store.answer_move(move, Moved(refused=str(no)))

    async def _merge(self, move: Move, burning: Mapping[str, float]) -> None:
        source = await self._store.members(incident=move.source)
        there = await self._store.members(incident=move.into)
        changed: dict[str, dict[str, Any]] = {move.source: {"merged_into": move.into}}
        if source:
            fields = summary([*there, *source], self._estate, burning)
            if fields["severity"] is (await self._store.incident(move.into)).severity:
                # What people know it by stays, unless it turns out to be worse.
                del fields["title"], fields["service"], fields["leading"]
            changed[move.into] = fields
        text = f"{move.source} was merged into this by {move.by}: {len(source)} signals"
        await self._store.answer_move(
            move,
            Moved(incident=move.into),
            [m.signal for m in source],
            changed=changed,
            events=[
                self._event(move, move.into, text),
                self._event(move, move.source, f"merged into {move.into} by {move.by}"),
            ],
            notices=[await self._notice(move, move.into, text)],
        )

    async def _split(self, move: Move, burning: Mapping[str, float]) -> None:
        members = await self._store.members(incident=move.source)
        apart: list[Member] = [m for m in members if m.service == move.service]
        rest = [m for m in members if m.service != move.service]
        name = await self._store.next_incident()
        new = Incident(
            id=name,
            environment=self._environment,
            opened=datetime.now(UTC),
            split_from=move.source,
            **summary(apart, self._estate, burning),
        )
        text = f"{move.service} was split off into {name} by {move.by}: {len(apart)} signals"
        await self._store.answer_move(
            move,
            Moved(incident=name),
            [m.signal for m in apart],
            opened=new,
            changed={move.source: summary(rest, self._estate, burning)},
            events=[
                self._event(move, move.source, text),
                self._event(move, name, f"split from {move.source} by {move.by}"),
            ],
            notices=[await self._notice(move, move.source, text)],
        )

    def _event(self, move: Move, incident: str, text: str) -> Event:
        return Event(
            incident=incident,
            key=f"move-{move.id}",
            at=datetime.now(UTC),
            phase=Phase.OPEN,
            text=text,
            actor=move.by,
        )

    async def _notice(self, move: Move, incident: str, text: str) -> Notice:
        title = "Merged" if move.kind == "merge" else "Split"
        return remark(await self._store.incident(incident), f"move-{move.id}", title, text)

    async def tell_what_is_untold(self) -> None:
        """Have the notices of moves delivered; what Temporal does not take is tried again."""
        prefix = await self._store.prefix()
        for move_id, notices in (await self._store.untold()).items():
            try:
                for notice in notices:
                    await have_told(self._client, self._task_queue, prefix, notice)
            except Exception as error:
                log.warning("a move could not be told", move=move_id, error=repr(error))
                continue
            await self._store.was_told(move_id)
