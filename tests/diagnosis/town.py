"""A small town's library as arrays: a healthy estate, into which a test paints one fault."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.diagnosis.case import Case, LogShift, Values, Watched
from chimera.domain import Change, Estate, Node, SignalKind

K = SignalKind
BEGAN = datetime(2031, 5, 6, 7, 8, tzinfo=UTC).timestamp()
STEP = 10.0
BEFORE, SINCE = 120, 8

TOWN = Estate(
    name="library",
    environment="town",
    nodes=(
        Node(name="desk", tier=1, owner="readers", calls=("lending",)),
        Node(
            name="lending",
            tier=1,
            owner="loans",
            calls=("fees", "shelves", "lending-db"),
            runbooks=(
                "restart_service",
                "roll_back_release",
                "revert_configuration",
                "scale_service",
                "recycle_pool",
                "clean_disk",
            ),
        ),
        Node(
            name="fees",
            owner="money",
            calls=("bursar",),
            runbooks=("restart_service", "restore_credential", "roll_back_release"),
        ),
        Node(name="shelves", owner="stacks", runbooks=("restart_service", "scale_service")),
        Node(name="lending-db", kind="store"),
        Node(name="bursar", kind="external"),
        Node(
            name="gather",
            kind="step",
            owner="figures",
            calls=("lending",),
            writes=("loans_raw",),
            runbooks=("skip_poison_record",),
        ),
        Node(name="loans_raw", kind="dataset", owner="figures"),
        Node(
            name="tidy",
            kind="step",
            owner="figures",
            reads=("loans_raw",),
            writes=("loans_clean",),
            runbooks=("skip_poison_record", "restart_service"),
        ),
        Node(name="loans_clean", kind="dataset", owner="figures"),
        Node(name="almanac", tier=2, owner="figures", reads=("loans_clean",)),
    ),
)
LEVELS = {
    K.TRAFFIC: (20.0, 1.0),
    K.ERRORS: (0.002, 0.002),
    K.LATENCY: (0.08, 0.006),
    K.CPU: (0.2, 0.02),
    K.MEMORY: (9e7, 4e5),
    K.POOL: (0.25, 0.05),
    K.SATURATION: (0.3, 0.04),
    K.QUEUE: (0.0, 0.0),
    K.DISK: (0.2, 0.001),
    K.CREDENTIAL: (0.0, 0.0),
    K.PRESENCE: (1.0, 0.0),
    K.FRESHNESS: (12.0, 3.0),
    K.FAILURES: (0.0, 0.0),
    K.VOLUME: (200.0, 12.0),
    K.NULLS: (0.01, 0.002),
    K.DUPLICATES: (0.0, 0.0),
    K.LAG: (0.0, 0.0),
    K.DRIFT: (0.07, 0.04),
}
FLOORS = {
    K.ERRORS: 0.02,
    K.LATENCY: 0.03,
    K.CPU: 0.08,
    K.MEMORY: 5e6,
    K.POOL: 0.1,
    K.SATURATION: 0.1,
    K.QUEUE: 2.0,
    K.DISK: 0.02,
    K.CREDENTIAL: 0.05,
    K.FRESHNESS: 10.0,
    K.FAILURES: 0.02,
    K.NULLS: 0.03,
    K.DUPLICATES: 0.01,
    K.LAG: 4.0,
    K.DRIFT: 0.3,
}
LIMITS = {K.POOL: 0.95, K.SATURATION: 0.95, K.DISK: 0.9}
DOWN = frozenset({K.PRESENCE, K.VOLUME})
SERVICE = (K.TRAFFIC, K.ERRORS, K.LATENCY, K.CPU, K.MEMORY, K.SATURATION, K.QUEUE, K.DISK)


@dataclass
class Town:
    """Healthy series of every node; `paint` changes what they are since the onset."""

    seed: int = 0
    scale: float = 1.0  # multiplies every unit
    series: dict[tuple[str, SignalKind], Watched] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    logs: list[LogShift] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        for name in ("desk", "lending", "fees", "shelves", "almanac"):
            for kind in (*SERVICE, K.PRESENCE):
                self.add(name, kind)
        self.add("lending", K.POOL)
        self.add("fees", K.CREDENTIAL, upstream="bursar")
        for step in ("gather", "tidy"):
            for kind in (K.FAILURES, K.CPU, K.MEMORY, K.DISK, K.PRESENCE):
                self.add(step, kind)
        for dataset, writer in (("loans_raw", "gather"), ("loans_clean", "tidy")):
            for kind in (K.FRESHNESS, K.VOLUME, K.NULLS, K.DUPLICATES, K.LAG):
                self.add(dataset, kind, service=writer, dataset=dataset)

        self.add("almanac", K.DRIFT, model="loans")

    def add(self, node: str, kind: SignalKind, service: str = "", **labels: str) -> None:
        level, noise = LEVELS[kind]
        count = BEFORE + SINCE
        day = 1.0 + 0.3 * np.sin(np.arange(count) / 20.0)
        values = level + noise * self.random.standard_normal(count)
        if kind in (K.TRAFFIC, K.CPU, K.POOL, K.SATURATION):
            values = values * day
        values = np.maximum(values, 0.0) * self.scale
        self.series[node, kind] = Watched(
            signal=f"the {kind.value}",
            kind=kind,
            service=service or node,
            before=values[:BEFORE],
            since=values[BEFORE:],
            onset=BEGAN,
            step=STEP,
            labels=labels,
            bad="none" if kind is K.TRAFFIC else "down" if kind in DOWN else "up",
            floor=FLOORS.get(kind, 0.0) * self.scale,
            limit=LIMITS[kind] * self.scale if kind in LIMITS else None,
        )

    def paint(
        self, node: str, kind: SignalKind, value: float | Values, times: bool = False
    ) -> Town:
        """Set a series since the onset to a value, or multiply it, keeping its noise."""
        old = self.series[node, kind]
        noise = LEVELS[kind][1] * self.random.standard_normal(len(old.since))
        since = old.since * value if times else (np.asarray(value) + noise) * self.scale
        self.series[node, kind] = replace(old, since=np.asarray(since, dtype=np.float64))
        return self

    def ramp(self, node: str, kind: SignalKind, to: float, over: int = 20) -> Town:
        """A steady rise to `to` that began before the onset was seen."""
        old = self.series[node, kind]
        values = np.concatenate([old.before, old.since])
        start = float(np.median(old.before)) / self.scale
        noise = 0.05 * LEVELS[kind][1] * self.random.standard_normal(over)
        values[-over:] = (np.linspace(start, to, over) + noise) * self.scale
        self.series[node, kind] = replace(old, before=values[:BEFORE], since=values[BEFORE:])
        return self

    def slow(self, node: str, seconds: float) -> Town:
        """A slow service and everybody who waits for it."""
        for name in (node, *callers(node)):
            self.paint(name, K.LATENCY, 0.08 + seconds)
        return self

    def fail(self, node: str, share: float) -> Town:
        """A failing service and everybody who passes its errors on."""
        for name in (node, *callers(node)):
            self.paint(name, K.ERRORS, share)
        return self

    def change(self, service: str, kind: str, seconds_before: float, what: str = "") -> Town:
        at = datetime.fromtimestamp(BEGAN, UTC) - timedelta(seconds=seconds_before)
        what = what or {"release": "version"}.get(kind, "key")
        change = Change.model_validate(
            {
                "at": at,
                "service": service,
                "kind": kind,
                "what": what,
                "before": "old",
                "after": "new",
            }
        )
        self.changes.append(change)
        return self

    def case(self, *focus: str) -> Case:
        return Case(
            began=BEGAN,
            now=BEGAN + SINCE * STEP,
            series=tuple(self.series.values()),
            estate=TOWN,
            focus=focus,
            changes=tuple(self.changes),
            logs=tuple(self.logs),
        )


def callers(node: str) -> tuple[str, ...]:
    services = {n.name for n in TOWN.nodes if n.kind == "service"}
    return tuple(name for name in TOWN.felt_by(node) if name in services and name != "almanac")
