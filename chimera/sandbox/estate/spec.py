"""What Panther Retail is made of: each service's shape when it is healthy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class ServiceSpec:
    """One service as it is on a good day. Times in milliseconds, sizes in bytes."""

    name: str
    kind: Literal["http", "step", "external", "load"] = "http"
    work_ms: float = 0.0  # median of one piece of work, lognormal
    spread: float = 0.3  # sigma of its logarithm
    workers: int = 0  # pieces of work at once, per replica
    queue: int = 40  # pieces that may wait, per replica; more are refused
    max_replicas: int = 1
    release: str = "1.0.1"
    previous_release: str = "1.0.0"
    configuration: dict[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    signs_in_to: str = ""  # the upstream that asks for a credential
    pool: int = 0  # connections; 0 means no pool
    disk_limit: int = 32 * MEGABYTE
    memory_growth: int = 300 * MEGABYTE  # above its size at start; beyond, the kernel would kill it

    @property
    def capacity(self) -> float:
        """Pieces of work a second that one replica can do."""
        return self.workers / (self.work_ms / 1000.0) if self.work_ms else 0.0


def http(name: str, **shape: object) -> ServiceSpec:
    """A service that answers requests: every one has a deadline for its own work."""
    settings = {"work_timeout_ms": "2000", "upstream_timeout_ms": "4000", "log_sampling": "1.0"}
    settings.update(shape.pop("configuration", {}))  # type: ignore[call-overload]
    return ServiceSpec(name=name, configuration=settings, **shape)  # type: ignore[arg-type]


def step(name: str, every: float, **shape: object) -> ServiceSpec:
    """A step of the data pipeline: it runs by the clock."""
    settings = {"every_seconds": str(every), "step_timeout_ms": "20000"}
    settings.update(shape.pop("configuration", {}))  # type: ignore[call-overload]
    return ServiceSpec(name=name, kind="step", configuration=settings, **shape)  # type: ignore[arg-type]


SERVICES: dict[str, ServiceSpec] = {
    spec.name: spec
    for spec in (
        ServiceSpec("bank", kind="external", work_ms=15, workers=64, queue=200),
        http(
            "inventory",
            work_ms=85,
            workers=4,
            max_replicas=3,
            release="2.3.1",
            previous_release="2.3.0",
            pool=8,
            configuration={"pool_timeout_ms": "1500", "stock_page_size": "20"},
        ),
        http(
            "payments",
            work_ms=180,
            workers=3,
            max_replicas=3,
            release="3.0.4",
            previous_release="3.0.3",
            calls=("bank",),
            signs_in_to="bank",
            pool=8,
            configuration={"pool_timeout_ms": "1500", "currency": "EUR"},
        ),
        http(
            "orders",
            work_ms=75,
            workers=4,
            max_replicas=3,
            release="1.4.2",
            previous_release="1.4.1",
            calls=("payments", "inventory"),
            pool=10,
            configuration={"pool_timeout_ms": "1500", "recent_orders": "10"},
        ),
        step(
            "ingest",
            5,
            release="0.9.2",
            previous_release="0.9.1",
            calls=("orders",),
            signs_in_to="orders",
            configuration={"batch_rows": "500", "upstream_timeout_ms": "4000"},
        ),
        step(
            "transform",
            5,
            release="0.7.5",
            previous_release="0.7.4",
            configuration={
                "max_null_share": "0.05",
                "min_complete_share": "0.8",
                "allowed_lateness_seconds": "60",
            },
        ),
        step("forecast", 10, release="1.1.0", previous_release="1.0.9"),
        http(
            "dashboard",
            work_ms=100,
            workers=2,
            max_replicas=3,
            release="5.2.0",
            previous_release="5.1.9",
            configuration={"refresh_seconds": "5"},
        ),
        http(
            "storefront",
            work_ms=70,
            workers=8,
            max_replicas=3,
            release="7.1.3",
            previous_release="7.1.2",
            calls=("orders", "inventory", "dashboard"),
            configuration={"banner": "spring", "page_size": "12"},
        ),
        ServiceSpec("load", kind="load", calls=("storefront",)),
    )
}
"""In the order in which they start: callees first."""
