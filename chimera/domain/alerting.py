"""What decides whether somebody hears of a signal: matchers, silences, windows, priorities, votes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field

from chimera.domain.base import Value

GLOB = re.compile(r"[*?\[]")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKLY = re.compile(
    r"^(mon|tue|wed|thu|fri|sat|sun|daily) ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$"
)


class Priority(StrEnum):
    """How much an incident matters to users and to what hangs on it; P1 the most."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Matcher(Value):
    """Which signals are meant. Each part is exact or a glob (`*`, `?`, `[ab]`); empty means any.

    `services` and `signals` may name several. An alert's signal is its name.
    """

    services: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    environment: str = ""
    labels: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(
        cls, service: str = "", signal: str = "", environment: str = "", labels: str = ""
    ) -> Matcher:
        """From comma-separated names, and labels as `name=value,...`."""
        pairs = [pair.partition("=") for pair in names(labels)]
        return cls(
            services=names(service),
            signals=names(signal),
            environment=environment,
            labels={name.strip(): value.strip() for name, _, value in pairs},
        )

    @property
    def target(self) -> str:
        """What an order that silences it names as its target."""
        return f"alerts of {self}"[:255]

    def matches(
        self, service: str, signal: str, environment: str, labels: Mapping[str, str]
    ) -> bool:
        return (
            one_of(self.services, service)
            and one_of(self.signals, signal)
            and fnmatchcase(environment, self.environment or "*")
            and all(fnmatchcase(labels.get(k, ""), pattern) for k, pattern in self.labels.items())
        )

    @property
    def explicit(self) -> bool:
        """Whether it names exactly which signals of which services: only then may it quiet what
        users feel."""
        named = (*self.services, *self.signals)
        return bool(self.services and self.signals) and not any(GLOB.search(n) for n in named)

    @property
    def empty(self) -> bool:
        """Whether it says nothing but "everything"."""
        parts = (*self.services, *self.signals, *self.labels.values())
        return all(not part.strip("*") for part in parts)

    def __str__(self) -> str:
        parts = [("signal", ",".join(self.signals)), ("service", ",".join(self.services))]
        parts += [("environment", self.environment), *sorted(self.labels.items())]
        return " ".join(f"{name}={value}" for name, value in parts if value) or "everything"


def names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def one_of(patterns: tuple[str, ...], text: str) -> bool:
    return not patterns or any(fnmatchcase(text, pattern) for pattern in patterns)


class Silence(Value):
    """Signals that nobody wants to hear of for a while. Made, and lifted, by an order.

    `maintenance`: what begins within it opens nothing until it ends, whoever feels it; `silence`:
    what matches opens nothing, but what users feel goes through unless the matcher is explicit.
    """

    id: str
    kind: Literal["silence", "maintenance"] = "silence"
    matcher: Matcher
    since: datetime
    until: datetime
    by: str
    reason: str
    order: str
    learn: bool = True  # whether baselines learn from what happens meanwhile
    lifted: datetime | None = None
    lifted_by: str = ""

    @property
    def ends(self) -> datetime:
        return self.until if self.lifted is None else min(self.until, self.lifted)

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.ends

    def __str__(self) -> str:
        kind = "silenced" if self.kind == "silence" else "in maintenance"
        until = f"{self.ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{kind} until {until} by {self.by}: {self.reason} ({self.matcher}; {self.id})"


class Planned(Value):
    """A maintenance window that was written down beforehand: a stretch of time, or weekly hours.

    `weekly` is UTC: `"sun 02:00-04:00"`, `"daily 03:00-03:30"`; an end at or before the beginning
    is on the next day.
    """

    services: tuple[str, ...] = ()  # names or globs; none: all of them
    begins: datetime | None = None
    ends: datetime | None = None
    weekly: tuple[str, ...] = ()
    reason: str = "maintenance"
    learn: bool = True

    def window(self, at: datetime) -> tuple[datetime, datetime] | None:
        """The window that is open at a moment: from when to when."""
        if self.begins and self.ends and self.begins <= at < self.ends:
            return self.begins, self.ends
        for text in self.weekly:
            for back in (0, 1):
                day = at.astimezone(UTC) - timedelta(days=back)
                found = hours(text, day)
                if found and found[0] <= at < found[1]:
                    return found
        return None

    def between(self, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """Every window that touches a stretch of time."""
        found = [(self.begins, self.ends)] if self.begins and self.ends else []
        day = since.astimezone(UTC) - timedelta(days=1)
        while self.weekly and day <= until + timedelta(days=1):
            found += [one for text in self.weekly if (one := hours(text, day))]
            day += timedelta(days=1)
        return [(first, last) for first, last in found if last > since and first < until]


def hours(text: str, day: datetime) -> tuple[datetime, datetime] | None:
    """The window of a weekly row that begins on this day. Raises ValueError for what is none."""
    match = WEEKLY.match(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no weekly window; write it like 'sun 02:00-04:00' (UTC)")
    name, *clock = match.groups()
    if name != "daily" and DAYS.index(name) != day.weekday():
        return None
    midnight = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = (
        midnight + timedelta(hours=int(h), minutes=int(m)) for h, m in (clock[:2], clock[2:])
    )
    return first, last if last > first else last + timedelta(days=1)


class Vote(Value):
    """What a person thinks of an alert or an incident. `kind` is (signal, service)."""

    subject: str  # the incident or the signal's name
    person: str
    useful: bool
    signal: str
    service: str
    page: bool = False  # users felt it: it is counted and changes nothing
    at: datetime


class Sway(Value):
    """What people's votes do to one kind of alert just now."""

    signal: str
    service: str
    useful: int
    not_useful: int
    decades: float  # of surprise that it takes beyond the usual
    page: bool = False
    until: datetime | None = None  # when the first of the votes no longer counts

    def __str__(self) -> str:
        said = f"{self.not_useful} not useful, {self.useful} useful"
        if self.page:
            return f"{self.signal} of {self.service}: {said}; users feel it, so nothing is muted"
        until = f" until {self.until:%Y-%m-%d}" if self.until else ""
        return f"{self.signal} of {self.service}: {said}; +{self.decades:g} decades{until}"


FEEDBACK_LIFE = timedelta(days=14)
DECADES_A_VOTE = 0.5
MOST_DECADES = 2.0


def sway(votes: list[Vote], now: datetime) -> list[Sway]:
    """What the votes that still count do, by kind; never more than `MOST_DECADES`, never for what
    users feel."""
    kinds: dict[tuple[str, str], list[Vote]] = {}
    for vote in votes:
        if now - vote.at < FEEDBACK_LIFE:
            kinds.setdefault((vote.signal, vote.service), []).append(vote)
    found = []
    for (signal, service), theirs in sorted(kinds.items()):
        useful = sum(v.useful for v in theirs)
        against = len(theirs) - useful
        page = any(v.page for v in theirs)
        more = min(max(against - useful, 0) * DECADES_A_VOTE, MOST_DECADES)
        found.append(
            Sway(
                signal=signal,
                service=service,
                useful=useful,
                not_useful=against,
                decades=0.0 if page else more,
                page=page,
                until=min(v.at for v in theirs) + FEEDBACK_LIFE,
            )
        )
    return found
