"""Whom or what somebody blames: a node, a change of it, a kind of fault; and what is on record of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from chimera.agents.chat.proposing import same
from chimera.agents.chat.shape import Ask, Looks
from chimera.agents.chat.telling import ago, clock, spent
from chimera.agents.understanding.faults import (
    DOWN,
    NUMBERED,
    OF_CHANGES,
    UP,
    changes_in,
    deed_in,
    kinds_in,
)
from chimera.agents.understanding.supposing import Supposition
from chimera.domain import Change, Evidence, FaultKind, Finding, Incident
from chimera.platform.store.records import OrderRecord

BACK = timedelta(hours=24)  # looked for a change
LATE = timedelta(minutes=2)  # by which a change may be seen after what it did
KEY = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b", re.I)
ITS = re.compile(r"\b(?:its|their)\b", re.I)
DELIBERATE = frozenset(OF_CHANGES.values())
NOUNS = {
    "release": "release", "configuration": "change of a setting", "schema": "change of the schema",
    "schedule": "change of the schedule", "scale": "change of the number of replicas", "other": "change",
}  # fmt: skip


@dataclass(frozen=True)
class Suspect:
    """What is blamed. `changes`: the kinds of change that are spoken of, "other" for any."""

    said: str
    node: str = ""
    kinds: frozenset[FaultKind] = frozenset()
    changes: frozenset[str] = frozenset()
    release: str = ""
    key: str = ""
    unknown: str = ""
    deed: str = ""  # the runbook of what is said to have been done
    orders: tuple[OrderRecord, ...] = ()  # that did it, or would, the newest first
    found: tuple[Change, ...] = ()  # of those that are spoken of, the newest first
    evidence: tuple[Evidence, ...] = ()
    blind: str = ""  # why changes could not be read

    @property
    def change(self) -> Change | None:
        return self.found[0] if self.found else None

    def fits(self, cause: Finding) -> bool:
        """Whether a finding is what is blamed."""
        if self.node and cause.target != self.node:
            return False
        nothing = not (self.node or self.kinds or self.changes or self.key)
        if nothing or self.deed or (self.unknown and not self.node):
            return False
        told = " ".join((cause.cause or "", *cause.parameters.values())).lower()
        if self.release and cause.kind is FaultKind.RELEASE:
            numbers = NUMBERED.findall(told)
            if numbers and not any(same(self.release, one) for one in numbers):
                return False
        if self.key and cause.parameters.get("key", self.key).lower() != self.key.lower():
            return False
        if self.kinds:
            return cause.kind in self.kinds
        if self.changes & {"schedule", "scale"}:
            return any(re.search(rf"\b{word}", told) for word in self.changes)
        return not self.changes or cause.kind in DELIBERATE


async def suspect_of(ask: Ask, looks: Looks, supposed: Supposition) -> Suspect:
    """What is blamed, with the changes of the last day that it may mean."""
    text = supposed.cause
    for name in supposed.of.nodes:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, flags=re.I)
    deed, numbers = deed_in(text), NUMBERED.findall(text)
    changes = frozenset[str]() if deed else changes_in(text)
    kinds = kinds_in(text) | {OF_CHANGES[one] for one in changes if one in OF_CHANGES}
    nodes = supposed.of.nodes or (supposed.on.nodes if ITS.search(text) else ())
    keys = [key for key in KEY.findall(text) if key not in ask.known.nodes]
    unknown = next((one for one in supposed.of.unknown if one not in (*keys, *numbers)), "")
    suspect = Suspect(
        said=supposed.cause,
        node=nodes[0] if nodes else "",
        kinds=kinds,
        changes=changes,
        release=numbers[0] if numbers else "",
        key=keys[0] if keys else "",
        unknown=unknown,
        deed=deed,
    )
    if deed:
        look = await looks.see("list_orders", target=suspect.node)
        done = tuple(r for r in look.data or () if r.order.runbook == deed)
        return replace(suspect, orders=done)
    spoken = (changes or keys) and not (unknown and not suspect.node)
    return await looked_up(ask, looks, suspect) if spoken else suspect


async def looked_up(ask: Ask, looks: Looks, suspect: Suspect) -> Suspect:
    """With the changes that were made, and whose they are where only a setting is named."""
    look = await looks.see(
        "list_changes", since=ask.now - BACK, until=ask.now, service=suspect.node or None
    )
    if look.trouble:
        return replace(suspect, blind=look.trouble.message)
    every: list[Change] = sorted(look.data, key=lambda change: change.at, reverse=True)
    named = [c for c in every if c.what.lower() == suspect.key.lower()] if suspect.key else []
    found = named or [c for c in every if c.kind in suspect.changes or "other" in suspect.changes]
    if suspect.release:
        found = [c for c in found if same(suspect.release, c.after)]
    if suspect.key and not named:
        found = []
    node = suspect.node or (found[0].service if len({c.service for c in found}) == 1 else "")
    seen = {id(change): piece for change, piece in zip(look.data, look.evidence, strict=True)}
    return replace(
        suspect,
        node=node if suspect.key or suspect.node else suspect.node,
        found=tuple(found),
        evidence=tuple(seen[id(change)] for change in found[:2]),
    )


def happened(ask: Ask, suspect: Suspect, incident: Incident | None) -> list[str]:
    """Whether the change that is blamed was made, when, and how that lies to the incident."""
    if suspect.blind:
        return [f"I cannot see what was changed: {suspect.blind}."]
    if suspect.deed:
        return [done(ask, suspect)]
    if not (suspect.changes or suspect.key) or (suspect.unknown and not suspect.node):
        return []
    if not suspect.found:
        return [f"I see no {missing(suspect)} in the last 24 h."]
    lines = []
    for change in suspect.found[:2]:
        what = change.kind if change.kind == "release" else f"{change.kind} {change.what}"
        lines.append(
            f"The {what} of {change.service} went from {change.before or '?'} to {change.after} at "
            f"{clock(change.at)} ({ago(change.at, ask.now)}){order(change, incident)}."
        )
        if turned := direction(suspect.said, change):
            lines.append(turned)
    return lines


def done(ask: Ask, suspect: Suspect) -> str:
    """Whether what is blamed was carried out at all, and who asked for it."""
    what = f"{suspect.deed}{f' on {suspect.node}' if suspect.node else ''}"
    if not suspect.orders:
        return f"I know of no order {what}."
    last = suspect.orders[0]
    by = f"{last.order.id} ({suspect.deed} on {last.order.target}), asked for by {last.order.requested_by}"
    if last.outcome is None:
        return f"{by} {ago(last.order.created, ask.now)}, is {last.state} and was not carried out."
    return f"{by}, was {last.outcome.status} {ago(last.outcome.at, ask.now)}."


def missing(suspect: Suspect) -> str:
    """What was looked for and is not there."""
    what = " or ".join(NOUNS[one] for one in sorted(suspect.changes)) or "change"
    what = f"change of {suspect.key}" if suspect.key else what
    number = f" {suspect.release}" if suspect.release else ""
    return f"{what}{number}{f' of {suspect.node}' if suspect.node else ''}"


def order(change: Change, incident: Incident | None) -> str:
    """Before or after the incident began."""
    if incident is None:
        return ""
    if change.at > incident.began + LATE:
        return f", after {incident.id} had begun: it cannot be the cause"
    if change.at >= incident.began:
        return f", just as {incident.id} began"
    return f", {spent(incident.began - change.at)} before {incident.id} began"


def direction(said: str, change: Change) -> str:
    """That a value went the other way than it was said."""
    sizes = [re.match(r"-?\d+(?:\.\d+)?", one) for one in (change.before, change.after)]
    if change.kind == "release" or sizes[0] is None or sizes[1] is None:
        return ""
    grew = float(sizes[1][0]) > float(sizes[0][0])
    if UP.search(said) and not grew:
        return "That is less than before, not more."
    if DOWN.search(said) and grew:
        return "That is more than before, not less."
    return ""
