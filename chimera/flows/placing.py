"""Signals from the inbox become members of incidents; who is told of it is the grouper's business."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from chimera.detection.grouping import Group, Neighbourhood, Sign, assign
from chimera.detection.holding import Holds
from chimera.domain import Estate, Incident
from chimera.flows.marks import odd
from chimera.flows.membership import (
    began,
    group_of,
    harmless,
    member_of,
    series,
    signal_of,
    summary,
)
from chimera.platform.store import Member, Received, Store

log = structlog.get_logger()

Members = Mapping[str, Mapping[str, Member]]  # incident: its signals by name


class Placing:
    """Decides which incident a signal belongs to, and opens those that are new."""

    def __init__(self, store: Store, estate: Estate, environment: str) -> None:
        self._store = store
        self._estate = estate
        self._near = Neighbourhood(estate)
        self._environment = environment

    async def place(self, at: datetime, holds: Holds, rates: Mapping[str, float]) -> None:
        """Place everything that has come in; one write keeps all of it, or nothing."""
        rows = await self._store.ungrouped()
        before = await self._store.members(active=True)
        touched = heard(rows, before)
        loose = self._loose({m.signal: m for m in before} | touched, touched, holds)
        if not rows and not loose and not touched:
            return
        open_ones = {i.id: i for i in await self._store.incidents(open_only=True, limit=None)}
        theirs = await members_of_open(self._store)
        for signals in theirs.values():
            signals.update({name: touched[name] for name in signals if name in touched})
        groups = [group_of(i, theirs[i].values(), at) for i in reversed(open_ones)]
        opened: list[str] = []
        known = {m.signal: m for m in before} | touched
        joined = await asyncio.to_thread(self._joined, loose, groups)
        for group in joined:
            if group.incident is None:
                group.incident = await self._store.next_incident()
                opened.append(group.incident)
            for signal in group.signs:
                touched[signal] = known[signal].model_copy(update={"incident": group.incident})
        ids = {group.incident for group in joined} | {m.incident for m in touched.values()}
        new: list[Incident] = []
        changed: dict[str, dict[str, Any]] = {}
        for name in sorted(i for i in ids if i):
            if name not in open_ones and name not in opened:
                continue  # resolved: it absorbs nothing more
            now_known = {**theirs[name], **touched}.values()
            fields = summary((m for m in now_known if m.incident == name), self._estate, rates)
            if name in opened:
                moment = datetime.now(UTC)
                new.append(
                    Incident(id=name, environment=self._environment, opened=moment, **fields)
                )
                continue
            if fields["severity"] is open_ones[name].severity:
                # What people know it by stays, unless it turns out to be worse.
                del fields["title"], fields["service"], fields["leading"]
            changed[name] = fields
        await self._store.grouped([row.id for row in rows], touched.values(), new, changed)

    def _loose(
        self, members: Mapping[str, Member], touched: dict[str, Member], holds: Holds
    ) -> list[Member]:
        """Active members of no incident that nothing holds; what holds them is kept on record."""
        loose = []
        for member in members.values():
            if member.incident is not None or not member.active:
                continue
            held = holds.on(odd(member, self._environment))
            if held != member.held:
                member = member.model_copy(update={"held": held})
                touched[member.signal] = member
            if held is None:
                loose.append(member)
        return loose

    def _joined(self, loose: Sequence[Member], groups: list[Group]) -> list[Group]:
        """The groups, old and new, that the loose members belong to."""
        signs = [(m, Sign(m.signal, m.service, began(m), signal_of(m))) for m in loose]
        strong = [sign for member, sign in signs if not harmless(member)]
        weak = [sign for member, sign in signs if harmless(member)]
        return assign(strong, groups, self._near, weak)


def heard(rows: Iterable[Received], before: Iterable[Member]) -> dict[str, Member]:
    """What came in, as members by signal; `before` are those that were active."""
    active = {member.signal: member for member in before}
    alerts = {series(m): m.signal for m in active.values() if m.kind == "alert"}
    touched: dict[str, Member] = {}
    for row in rows:
        try:
            member = member_of(row)
            if began(member).tzinfo is None:
                raise ValueError(f"its beginning {member.body['began']} has no offset from UTC")
        except (ValueError, LookupError, TypeError) as error:
            # Nothing will ever make sense of it: it goes the way of what was grouped.
            log.error("a signal could not be read", key=row.key, error=repr(error))
            continue
        known = touched.get(member.signal) or active.get(member.signal)
        if known is None and (name := alerts.get(series(member))):
            # The peers of a pair may date one alert differently; it is one, and ends once.
            same = touched.get(name) or active[name]
            known = same if same.active else None
        if known:
            # The body stays as it began: what was odd then is what people read.
            still = {"active": member.active, "changed": member.changed}
            member = known.model_copy(update=still)
        elif not member.active:
            continue  # ended before anybody saw it begin
        touched[member.signal] = member
        if member.kind == "alert":
            alerts[series(member)] = member.signal
    return touched


async def members_of_open(store: Store) -> dict[str, dict[str, Member]]:
    """Incident: its signals by name, for every incident that is open."""
    theirs: defaultdict[str, dict[str, Member]] = defaultdict(dict)
    for member in await store.members(of_open=True):
        theirs[member.incident or ""][member.signal] = member
    return theirs
