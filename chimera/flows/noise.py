"""The report of noise: which alerts told somebody something, and what to do about the others."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from chimera.domain import Incident, Vote
from chimera.domain.base import Value
from chimera.flows.membership import began, felt, signal_of
from chimera.platform.store import Member

ENOUGH = 5  # times that a kind of alert must have fired before anything is advised
SELF_ENDED = "Closed/Resolved by Caller"  # an incident's close code: it recovered by itself
RARELY = 0.1  # share that was acted on
MOSTLY = 0.8  # share that recovered by itself
SHORT = 120.0  # seconds


class Noise(Value):
    """One rule of one service. Counts are of times it fired; `median_seconds` of those that ended.

    `acted`: its incident had an order, was acknowledged or closed by a person, or somebody found it
    useful. `recovered`: its incident ended by itself and nobody acted.
    """

    rule: str
    service: str
    page: bool
    fired: int
    incidents: int
    acted: int
    recovered: int
    held: int
    useful: int
    not_useful: int
    median_seconds: float | None
    advice: str
    command: str = ""  # what does it, as it is typed
    newest: str  # the last one's name


class Report(Value):
    """Since when; `known_since` is later where there is no older data."""

    since: datetime
    until: datetime
    known_since: datetime | None
    rows: tuple[Noise, ...]
    remark: str = ""


def noise(
    members: Sequence[Member],
    incidents: Iterable[Incident],
    votes: Sequence[Vote],
    since: datetime,
    until: datetime,
) -> Report:
    """By rule and service, the noisiest first: fired most and acted on least."""
    known = {incident.id: incident for incident in incidents}
    kinds: dict[tuple[str, str], list[Member]] = {}
    for member in members:
        if began(member) >= since:
            kinds.setdefault((signal_of(member), member.service), []).append(member)
    rows = [row(rule, service, theirs, known, votes) for (rule, service), theirs in kinds.items()]
    rows.sort(key=lambda r: (r.acted - r.fired, r.rule, r.service))
    first = min((began(m) for m in members), default=None)
    counted = sum(r.fired for r in rows)
    remark = ""
    if counted < ENOUGH:
        remark = f"{counted} alerts are too few to judge any rule by"
    elif all(r.fired < ENOUGH for r in rows):
        remark = f"no rule fired {ENOUGH} times: too little data to advise anything"
    return Report(since=since, until=until, known_since=first, rows=tuple(rows), remark=remark)


def row(
    rule: str,
    service: str,
    members: list[Member],
    incidents: Mapping[str, Incident],
    votes: Sequence[Vote],
) -> Noise:
    mine = [v for v in votes if (v.signal, v.service) == (rule, service)]
    liked = {v.subject for v in mine if v.useful}
    homes = {m.incident for m in members if m.incident}
    acted = [
        m
        for m in members
        if m.signal in liked or (m.incident and (m.incident in liked or did(incidents, m.incident)))
    ]
    names = {m.signal for m in acted}
    recovered = [
        m
        for m in members
        if m.signal not in names
        and (home := incidents.get(m.incident or ""))
        and home.close_code == SELF_ENDED
    ]
    lasted = [(m.changed - began(m)).total_seconds() for m in members if not m.active]
    newest = max(members, key=began)
    made = Noise(
        rule=rule,
        service=service,
        page=any(felt(m) for m in members),
        fired=len(members),
        incidents=len(homes),
        acted=len(acted),
        recovered=len(recovered),
        held=sum(m.held is not None for m in members),
        useful=sum(v.useful for v in mine),
        not_useful=sum(not v.useful for v in mine),
        median_seconds=max(median(lasted), 0.0) if lasted else None,
        advice="",
        newest=newest.signal,
    )
    advice, command = advised(made)
    return made.model_copy(update={"advice": advice, "command": command})


def did(incidents: Mapping[str, Incident], name: str) -> bool:
    """Whether anybody, or Chimera, did anything about an incident."""
    incident = incidents.get(name)
    if incident is None:
        return False
    by_person = incident.close_code not in (None, SELF_ENDED) and not incident.merged_into
    return bool(incident.orders or incident.acknowledged_by or by_person)


def advised(kind: Noise) -> tuple[str, str]:
    """What to do about it, and the command that does it."""
    if kind.fired < ENOUGH:
        return f"too little data ({kind.fired} of {ENOUGH})", ""
    if kind.held == kind.fired:
        return "was held back every time: lift that, or drop the rule", "chimera silence list"
    if kind.acted > RARELY * kind.fired:
        return "keep", ""
    rule, service = shlex.quote(kind.rule), shlex.quote(kind.service)
    quiet = f"chimera silence add --signal {rule} --service {service} --for 4h --reason noise"
    if kind.page and kind.recovered >= MOSTLY * kind.fired:
        return (
            "wakes people and ends by itself: make the rule wait longer, meanwhile silence",
            quiet,
        )
    if kind.page:
        return "wakes people, and hardly anybody acts: change the rule, meanwhile silence", quiet
    if kind.median_seconds is not None and kind.median_seconds < SHORT:
        return (
            "short and hardly ever acted on: raise its `floor` in [[watch]], and see what is left",
            "chimera backtest --days 7",
        )
    return (
        "hardly ever acted on: say so, and it takes more to fire",
        f"chimera alerts not-useful {shlex.quote(kind.newest)}",
    )
