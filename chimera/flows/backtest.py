"""What would have fired: the live watcher's anomalies, grouped by the live grouper's own code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chimera.detection.grouping import Neighbourhood, Sign, assign
from chimera.detection.watch import Watched, Watcher
from chimera.domain import Anomaly, Estate, Severity
from chimera.flows import membership
from chimera.flows.incident import FLAP_LIMIT
from chimera.flows.pace import Pace
from chimera.platform.store import Member, Received

if TYPE_CHECKING:
    pass


@dataclass
class Fired:
    """An incident that would have been opened."""

    name: str
    opened: datetime  # when people would have heard of it
    began: datetime
    title: str
    service: str
    services: tuple[str, ...]
    severity: Severity
    signals: int
    ended: datetime | None = None
    quiet_since: datetime | None = None


@dataclass
class Backtest:
    """Takes what each look found, in order; keeps every anomaly and every incident.

    Nothing is repaired, as in *observe*: an incident ends when its symptoms end, after the quiet
    that the settings ask for, longer the more it flaps.
    """

    estate: Estate
    pace: Pace
    anomalies: dict[str, Anomaly] = field(default_factory=dict)  # as they were when they ended
    effects: dict[str, float] = field(default_factory=dict)  # largest distance from the expected
    incidents: list[Fired] = field(default_factory=list)
    belongs: dict[str, str] = field(default_factory=dict)  # anomaly: incident
    _members: dict[str, Member] = field(default_factory=dict)  # those of open incidents, and loose
    _near: Neighbourhood | None = None

    def see(self, watched: Watched) -> None:
        """What one look found."""
        fresh = [a for a in watched.anomalies if self._is_news(a)]
        for anomaly in watched.anomalies:
            effect = abs(anomaly.observed - anomaly.expected)
            self.effects[anomaly.id] = max(effect, self.effects.get(anomaly.id, 0.0))
            self.anomalies[anomaly.id] = anomaly
        for anomaly in fresh:
            known = self._members.get(anomaly.id)
            if known is None and anomaly.over:
                continue
            member = known or _member(anomaly, watched.at)
            self._members[anomaly.id] = member.model_copy(update={"active": not anomaly.over})
        if self._members and not watched.blind:
            self._group(watched.at)
            self._close(watched.at)

    def _is_news(self, anomaly: Anomaly) -> bool:
        before = self.anomalies.get(anomaly.id)
        return before is None or before.over != anomaly.over

    def _group(self, at: datetime) -> None:
        """The grouper's own steps: what is loose joins an open incident, or opens one."""
        loose = [m for m in self._members.values() if m.incident is None and m.active]
        if not loose:
            return
        self._near = self._near or Neighbourhood(self.estate)
        theirs = {one.name: self._of(one.name) for one in self._open()}
        groups = [membership.group_of(name, members, at) for name, members in theirs.items()]
        signs = [(m, Sign(m.signal, m.service, membership.began(m))) for m in loose]
        strong = [sign for member, sign in signs if not membership.harmless(member)]
        weak = [sign for member, sign in signs if membership.harmless(member)]
        for group in assign(strong, groups, self._near, weak):
            name = group.incident or f"#{len(self.incidents) + 1}"
            for signal in group.signs:
                update = {"incident": name}
                self._members[signal] = self._members[signal].model_copy(update=update)
                self.belongs[signal] = name
            self._tell(name, membership.summary(self._of(name), self.estate), at)

    def _tell(self, name: str, said: dict[str, Any], at: datetime) -> None:
        known = next((one for one in self._open() if one.name == name), None)
        if known is None:
            wanted = ("began", "title", "service", "services", "severity", "signals")
            self.incidents.append(Fired(name, at, **{key: said[key] for key in wanted}))
            return
        if (
            said["severity"] is not known.severity
        ):  # what people know it by stays, unless it is worse
            known.title, known.service = said["title"], said["service"]
        known.severity, known.services = said["severity"], said["services"]
        known.signals, known.began = said["signals"], said["began"]

    def _close(self, at: datetime) -> None:
        for one in self._open():
            members = self._of(one.name)
            if any(m.active and not membership.harmless(m) for m in members):
                one.quiet_since = None
                continue
            one.quiet_since = one.quiet_since or at
            series = Counter(membership.series(m) for m in members)
            flaps = sum(series.values()) - len(series)
            long = min(self.pace.quiet * 2 ** min(flaps, 6), FLAP_LIMIT)
            if at - one.quiet_since >= self.pace.intervals(long):
                one.ended = at
                for member in members:
                    del self._members[member.signal]
        for name in [n for n, m in self._members.items() if m.incident is None and not m.active]:
            del self._members[name]  # harmless, and over

    def _open(self) -> list[Fired]:
        return [one for one in self.incidents[-200:] if one.ended is None]

    def _of(self, incident: str) -> list[Member]:
        return [m for m in self._members.values() if m.incident == incident]


@dataclass(frozen=True)
class Noise:
    """One signal of one service: how often it was odd, and what would quieten it."""

    signal: str
    service: str
    anomalies: int
    alone: int  # incidents that it opened and nothing else joined
    pages: int
    advice: str


def noise(backtest: Backtest, watcher: Watcher, lasted: timedelta) -> list[Noise]:
    """Signals by how much they would have asked of people, the noisiest first."""
    floors = {signal.name: signal for signal in watcher.signals}
    found: dict[tuple[str, str], list[Anomaly]] = {}
    for anomaly in backtest.anomalies.values():
        found.setdefault((anomaly.signal, anomaly.service), []).append(anomaly)
    alone = {one.name: one for one in backtest.incidents if one.signals == 1}
    weeks = max(lasted / timedelta(days=7), 1e-9)
    rows = []
    for (signal, service), several in found.items():
        lone = [alone[name] for a in several if (name := backtest.belongs.get(a.id)) in alone]
        pages = sum(one.severity is Severity.PAGE for one in lone)
        advice = ""
        if len(several) / weeks >= OFTEN and len(several) > 2:
            advice = _advice(
                several, [backtest.effects[a.id] for a in several], floors[signal].floor
            )
        rows.append(Noise(signal, service, len(several), len(lone), pages, advice))
    return sorted(rows, key=lambda row: (-row.pages, -row.alone, -row.anomalies))


OFTEN = 3.0  # anomalies a week of one signal of one service, beyond which something should be done


def _advice(several: list[Anomaly], effects: Iterable[float], floor: float) -> str:
    count = len(several)
    ways = Counter(
        "missing" if a.direction == "missing" else "limit" if a.detector == "limit" else "level"
        for a in several
    )
    way = ways.most_common(1)[0][0]
    if way == "missing":
        return "its samples come and go: mend the scrape, or leave it out with `where`"
    if way == "limit":
        return f"it is usually beyond the limit ({ways['limit']} of {count}): raise `limit`, or mend it"
    ordered = sorted(effects)
    wanted = float(f"{ordered[int(0.8 * (count - 1))] * 1.05:.2g}")
    if wanted <= floor:
        return ""
    less = sum(effect < wanted for effect in ordered)
    return f"floor = {wanted:g} (now {floor:g}) would leave out {less} of {count}"


def _member(anomaly: Anomaly, at: datetime) -> Member:
    body = anomaly.model_dump(mode="json")
    return membership.member_of(
        Received(id=0, key=anomaly.id, kind="anomaly", received=at, body=body)
    )
