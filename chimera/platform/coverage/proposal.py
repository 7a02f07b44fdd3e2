"""Rows that are proposed, what is left out, and what they are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from chimera.domain import Signal
from chimera.platform.coverage.conventions import Convention, conventions, itself
from chimera.platform.coverage.inventory import Family
from chimera.platform.coverage.naming import Labels, one_of

NAMED = 30  # services that a matcher lists


@dataclass(frozen=True)
class Proposal:
    """A row to watch, and why."""

    signal: Signal
    why: str
    rank: int
    family: str
    raw: int  # series that Prometheus reads for it
    services: frozenset[str]
    groups: int  # series that are judged
    share: float = 0.25
    generic: bool = False


@dataclass(frozen=True)
class LeftOut:
    """What is not watched, and why."""

    metric: str
    why: str


@dataclass
class Draft:
    """What is proposed so far. `seen` holds the labels of each metric that was looked at."""

    proposals: list[Proposal] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)
    seen: dict[str, list[Labels]] = field(default_factory=dict)
    untold: Counter[str] = field(default_factory=Counter)  # prefix: names no convention knows


def matching(family: Family) -> Iterable[tuple[Convention, re.Match[str]]]:
    """The conventions that fit a family's name and type."""
    if family.name.startswith(itself()):
        return
    for row in conventions():
        if family.type in row.types and (match := re.fullmatch(row.metric, family.name)):
            yield row, match


def prefix(name: str) -> str:
    return name.split("_")[0] + "_"


def named(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Names that are used once: of several the one with the most services keeps the plain name."""
    taken: dict[str, str] = {}
    for one in sorted(proposals, key=lambda p: -len(p.services)):
        taken.setdefault(one.signal.name, one.signal.metric)
    found: dict[str, Proposal] = {}
    for one in proposals:
        name = one.signal.name
        if taken[name] != one.signal.metric:
            name = f"{name}_{word(one.family)}"
        signal = one.signal.model_copy(update={"name": name})
        found.setdefault(name, replace(one, signal=signal))
    return list(found.values())


def narrowed(one: Proposal, rest: frozenset[str]) -> Proposal:
    """The row for these services only; too many to name, and it stays as it is."""
    if len(rest) > NAMED:
        return one
    only = one_of(one.signal.service_label, rest)
    where = ",".join(part for part in (one.signal.where, only) if part)
    per_where = ",".join(part for part in (one.signal.per_where, only) if part)
    signal = one.signal.model_copy(
        update={"where": where, "per_where": per_where if one.signal.per else ""}
    )
    groups = round(one.groups * len(rest) / len(one.services))
    raw = round(one.raw * len(rest) / len(one.services))
    why = f"{one.why}; only where nothing else tells it"
    return replace(one, signal=signal, services=rest, groups=groups, raw=raw, why=why)


def name_of(row: Convention, match: re.Match[str], family: Family) -> str:
    """What the row is called: by its convention, or by its metric where that says more."""
    if not row.generic:
        return row.name
    if row.name == "share":
        return f"{match['stem']}_share"
    return word(family.name)


def word(name: str) -> str:
    return name.removesuffix("_total")
