"""What is wrong at each node of the topology: its own series, put together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from chimera.diagnosis.case import Case, Watched
from chimera.diagnosis.shift import Shift, growth, measure, peer_spreads, without_traffic
from chimera.domain import Estate, SignalKind

# What users or consumers feel. The other kinds are means, and hurt nobody by themselves.
FELT = (
    SignalKind.ERRORS,
    SignalKind.LATENCY,
    SignalKind.FRESHNESS,
    SignalKind.FAILURES,
    SignalKind.VOLUME,
    SignalKind.NULLS,
    SignalKind.DUPLICATES,
    SignalKind.LAG,
    SignalKind.DRIFT,
    SignalKind.PRESENCE,
)
MEANS = (
    SignalKind.CREDENTIAL,
    SignalKind.DISK,
    SignalKind.POOL,
    SignalKind.MEMORY,
    SignalKind.CPU,
    SignalKind.SATURATION,
    SignalKind.QUEUE,
)
WITH_TRAFFIC = (
    SignalKind.CPU,
    SignalKind.POOL,
    SignalKind.SATURATION,
    SignalKind.QUEUE,
)


@dataclass(frozen=True)
class NodeView:
    """The worst shift of each kind at one node."""

    name: str
    worst: dict[SignalKind, Shift] = field(default_factory=dict)
    # Severity beyond what the node's traffic explains, for the kinds that grow with it.
    beyond: dict[SignalKind, float] = field(default_factory=dict)
    traffic: float = 1.0  # how many times its usual traffic it has; 1 within the usual

    def severity(self, kind: SignalKind) -> float:
        shift = self.worst.get(kind)
        return shift.severity if shift else 0.0

    def unexplained(self, kind: SignalKind) -> float:
        """Severity less what more traffic accounts for."""
        return self.beyond.get(kind, self.severity(kind))

    @property
    def hurt(self) -> float:
        return max((self.severity(kind) for kind in FELT), default=0.0)

    @property
    def began(self) -> float | None:
        """When the first of its clear shifts began, traffic aside."""
        times = [
            shift.began
            for kind, shift in self.worst.items()
            if shift.severity >= 0.3 and kind is not SignalKind.TRAFFIC
        ]
        return min(times, default=None)

    def gone(self) -> bool:
        presence = self.worst.get(SignalKind.PRESENCE)
        return bool(presence and presence.gone)


def home(watched: Watched, estate: Estate) -> str:
    """The node a series tells about: its dataset or step if the topology knows it, else its service."""
    for label in ("dataset", "step"):
        name = watched.labels.get(label, "")
        if name and estate.node(name):
            return name
    return watched.service


def views(case: Case) -> dict[str, NodeView]:
    """Every node that has series, measured."""
    peers = peer_spreads(case.series)
    by_node: dict[str, list[Watched]] = defaultdict(list)
    for watched in case.series:
        by_node[home(watched, case.estate)].append(watched)
    return {name: view(name, rows, peers) for name, rows in sorted(by_node.items())}


def view(name: str, rows: list[Watched], peers: dict[str, float]) -> NodeView:
    """Measure a node's series; of several of one kind the most severe speaks for it."""
    demand = busiest(rows)
    worst: dict[SignalKind, Shift] = {}
    beyond: dict[SignalKind, float] = {}
    for watched in sorted(rows, key=lambda row: row.key):
        peer = peers.get(watched.signal, 0.0)
        shift = measure(watched, peer)
        if shift is None:
            continue
        if watched.kind is SignalKind.TRAFFIC:
            shift = replace(shift, severity=0.0)
            if watched is not demand:
                continue
        known = worst.get(watched.kind)
        if known is None or stands_out(shift) > stands_out(known):
            worst[watched.kind] = shift
        if watched.kind in WITH_TRAFFIC:
            freed = measure(without_traffic(watched, demand), peer)
            if freed is not None:
                value = min(freed.severity, shift.severity)
                beyond[watched.kind] = max(value, beyond.get(watched.kind, 0.0))
    return NodeView(name, worst, beyond, growth(demand) if demand else 1.0)


def stands_out(shift: Shift) -> tuple[float, float, float]:
    """Of two that are as severe, the one that is nearer its limit says more."""
    return (round(shift.severity, 1), shift.fullness, shift.severity)


def busiest(rows: list[Watched]) -> Watched | None:
    """The node's traffic: of several series the one with the most of it."""
    traffic = [row for row in rows if row.kind is SignalKind.TRAFFIC]
    measured = [(shift.before + shift.now, row) for row in traffic if (shift := measure(row))]
    return max(measured, key=lambda pair: (pair[0], pair[1].key))[1] if measured else None
