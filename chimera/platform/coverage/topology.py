"""Who calls whom, from service graphs, meshes and client metrics."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chimera.domain import Estate, Node
from chimera.platform.coverage.inventory import Inventory
from chimera.platform.coverage.naming import SERVICE_LABELS, Labels
from chimera.platform.observability.prometheus import Prometheus, selector

MOST = 20_000  # series of a metric that is read for its edges
NOBODY = frozenset({"", "unknown", "user", "none", "-", "localhost", "127.0.0.1"})
PORT = re.compile(r":\d+$")


@dataclass(frozen=True)
class Way:
    """A metric whose labels tell caller and callee."""

    metric: str
    caller: tuple[str, ...]
    callee: tuple[str, ...]
    where: str = ""
    store: bool = False  # the callee is a database
    loose: bool = False  # the callee is an address: it counts only if it is a service that is known


DATABASES = ("server_address", "db_system_name", "db_system")
WAYS = (
    Way("traces_service_graph_request_total", ("client",), ("server",)),
    Way("servicegraph_request_total", ("client",), ("server",)),
    Way(
        "istio_requests_total",
        ("source_workload", "source_app"),
        ("destination_workload", "destination_service_name", "destination_app"),
        'reporter="destination"',
    ),
    Way("request_total", ("deployment",), ("dst_deployment",), 'direction="outbound"'),
    Way("http_client_request_duration_seconds_count", SERVICE_LABELS, ("server_address",), loose=True),
    Way("http_client_duration_milliseconds_count", SERVICE_LABELS, ("net_peer_name",), loose=True),
    Way("rpc_client_duration_milliseconds_count", SERVICE_LABELS, ("rpc_service",), loose=True),
    Way("db_client_operation_duration_seconds_count", SERVICE_LABELS, DATABASES, store=True),
)  # fmt: skip
PAIRS = (
    ("client", "server"), ("source", "destination"), ("caller", "callee"),
    ("source_service", "destination_service"),
)  # fmt: skip


@dataclass
class Graph:
    """Edges as they were found, each with the metric that told it."""

    calls: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    stores: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)

    def add(self, caller: str, callee: str, metric: str) -> None:
        if caller != callee and caller.lower() not in NOBODY and callee.lower() not in NOBODY:
            self.calls[caller].setdefault(callee, metric)

    def _kind(self, name: str) -> Literal["service", "store", "external"]:
        return "store" if name in self.stores else "external" if name in self.outside else "service"

    def estate(self, environment: str) -> Estate:
        """Only what has an edge: grouping goes by the topology alone for services that are in it."""
        names = sorted({*self.calls, *(c for some in self.calls.values() for c in some)})
        called = {callee for some in self.calls.values() for callee in some}
        nodes = tuple(
            Node(
                name=name,
                kind=self._kind(name),
                tier=1 if name not in called else 3 if name in self.stores else 2,
                calls=tuple(sorted(self.calls.get(name, ()))),
            )
            for name in names
        )
        return Estate(name=environment, environment=environment, nodes=nodes)


async def topology(
    prometheus: Prometheus,
    inventory: Inventory,
    services: Iterable[str],
    seen: Mapping[str, Sequence[Labels]],
    now: datetime,
) -> Graph:
    """The edges between services. `seen`: series that were looked at already, by selector."""
    known = _Known(services)
    graph = Graph()
    counted = {f.counted: f for f in inventory.families.values()}
    for way in WAYS:
        family = counted.get(way.metric)
        if family is None or family.series > MOST:
            continue
        answer = await prometheus.instant(selector(way.metric, way.where), now)
        for series in answer.series:
            _edge(graph, known, way, series.labels)
    told = {way.metric for way in WAYS}
    for chosen, several in seen.items():
        metric = chosen.split("{")[0]
        for caller, callee in PAIRS:
            way = Way(metric, (caller,), (callee,), loose=True)
            if metric not in told and several and {caller, callee} <= set(several[0]):
                for labels in several:
                    _edge(graph, known, way, labels)
    return graph


def _edge(graph: Graph, known: _Known, way: Way, labels: Labels) -> None:
    caller = next((labels[n] for n in way.caller if labels.get(n)), "")
    callee = next((labels[n] for n in way.callee if labels.get(n)), "")
    if not caller or not callee:
        return
    there, here = known.called(callee), known.called(caller)
    if way.loose and (there is None or here is None):
        return
    name = there or PORT.sub("", callee)
    graph.add(here or caller, name, way.metric)
    if way.store or labels.get("connection_type") == "database":
        graph.stores.add(name)
    elif labels.get("connection_type") == "virtual_node" and not there:
        graph.outside.add(name)


class _Known:
    """Services by the names others may call them: `shop/cart`, `cart.shop.svc:8080` are `cart`."""

    def __init__(self, services: Iterable[str]) -> None:
        self._by: dict[str, str] = {}
        for service in sorted(services, key=len):
            for word in self._words(service):
                self._by.setdefault(word, service)

    def called(self, name: str) -> str | None:
        return next((self._by[w] for w in self._words(name) if w in self._by), None)

    @staticmethod
    def _words(name: str) -> tuple[str, ...]:
        bare = PORT.sub("", name.lower())
        last = bare.rsplit("/", 1)[-1]
        short = last.split(".")[0] if not re.fullmatch(r"[\d.]+", last) else last
        return tuple(dict.fromkeys((name.lower(), bare, last, short)))
