"""What was changed shortly before: the more recent, the more suspect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from chimera.diagnosis.case import Case
from chimera.domain import Change

HALF_LIFE = 12  # steps: a minute at a scrape each 5 s, three at 15 s
FORGOTTEN = 6  # half-lives, after which a change is no cause
LATE = 3  # steps: a change is seen at a scrape, so it may seem to come after what it caused
TOGETHER = 60.0  # seconds: changes so close at one service are equally suspected
RETURN = 0.3  # going back to what ran for longer is rarely what breaks
BEFORE = 600.0  # seconds


def step_of(case: Case) -> float:
    """The spacing of the case's samples, in seconds."""
    return min((watched.step for watched in case.series), default=15.0)


def suspicion(change: Change, onset: float, step: float, history: Sequence[Change]) -> float:
    """0 to 1: how well this change's time fits a trouble that began at `onset` (Unix seconds)."""
    age = onset - change.at.timestamp()
    half_life = HALF_LIFE * step
    if undone(change, onset, step, history):
        return 0.0
    if age < -LATE * step or age > FORGOTTEN * half_life:
        return 0.0
    # Within the scrapes that separate a change from its first sample, time tells nothing.
    weight = float(0.5 ** (max(0.0, age - LATE * step) / half_life))
    return weight * (RETURN if returns(change, history) else 1.0)


def undone(change: Change, onset: float, step: float, history: Sequence[Change]) -> bool:
    """Whether the same thing was changed once more, clearly before the trouble began.

    What was rolled back does no harm any more; the newer change is the one to suspect.
    """
    return any(
        (c.service, c.kind, c.what) == (change.service, change.kind, change.what)
        and change.at < c.at
        and c.at.timestamp() < onset - LATE * step
        for c in history
    )


def returns(change: Change, history: Sequence[Change]) -> bool:
    """Whether it goes back to what was in force for longer than what it replaces.

    How long the first known value had been there is not known: it counts for `BEFORE` more.
    """
    same = sorted(
        (
            c
            for c in history
            if (c.service, c.kind, c.what) == (change.service, change.kind, change.what)
            and c.at < change.at
        ),
        key=lambda c: c.at,
    )
    if not same:
        return False
    held: dict[str, float] = defaultdict(float)
    held[same[0].before] = BEFORE
    for c, later in pairwise((*same, change)):
        held[c.after] += (later.at - c.at).total_seconds()
    return bool(change.after) and held[change.after] > held[change.before]


def suspects(case: Case, service: str, onset: float) -> list[tuple[Change, float]]:
    """The changes of a service that may be the cause, most suspect first.

    Changes within a minute of each other are equally suspect: their order says nothing. That does
    not lift one that goes back to what ran for longer.
    """
    step = step_of(case)
    weighed = [
        (change, weight)
        for change in case.changes
        if change.service == service
        and (weight := suspicion(change, onset, step, case.changes)) > 0.02
    ]
    levelled = [
        (
            change,
            max(
                other_weight
                for other, other_weight in weighed
                if abs((other.at - change.at).total_seconds()) <= TOGETHER
                and (other is change or other.kind != change.kind)
            )
            if not returns(change, case.changes)
            else weight,
        )
        for change, weight in weighed
    ]
    return sorted(levelled, key=lambda pair: (-pair[1], pair[0].kind, pair[0].what))
