"""The library's services for an investigator: its arrays behind a window, the rest real or silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from chimera.detection.base import Block, SeriesKey
from chimera.domain import (
    Change,
    Estate,
    FaultKind,
    Incident,
    Risk,
    RunbookCard,
    Signal,
    Symptom,
    Unavailable,
    moment,
)
from chimera.platform.observability.changes import Changes
from chimera.platform.observability.prometheus import Answer, Prometheus
from chimera.platform.observability.window import Reading, Window
from chimera.platform.settings import Settings
from tests.diagnosis.town import BEFORE, BEGAN, SINCE, STEP, TOWN, Town

NOW = moment(BEGAN + (SINCE - 1) * STEP)


class SilentPrometheus(Prometheus):
    """Answers every query with nothing, or not at all."""

    def __init__(self, down: bool = False) -> None:
        super().__init__("http://prometheus.invalid")
        self.down = down

    async def _ask(self, endpoint: str, query: str, asked: dict[str, str]) -> Answer:
        if self.down:
            raise Unavailable("Prometheus", "answer a query", "ConnectError")
        return Answer(query, ())


class TownWindow(Window):
    """A window whose samples are a town's arrays."""

    def __init__(self, town: Town, prometheus: SilentPrometheus) -> None:
        rows = list(town.series.values())
        signals = {
            r.signal: Signal(
                name=r.signal, kind=r.kind, metric="m", bad=r.bad, floor=r.floor, limit=r.limit
            )
            for r in rows
        }
        super().__init__(prometheus, list(signals.values()), step=timedelta(seconds=STEP))
        self.rows = rows
        self.reads = 0

    async def read(
        self,
        start: datetime,
        end: datetime,
        *,
        service: str | None = None,
        labels: Mapping[str, str] | None = None,
        signals: Sequence[str] | None = None,
    ) -> Reading:
        self.reads += 1
        await self.prometheus.instant("up")
        first = moment(BEGAN - BEFORE * STEP)
        at = max(0, round((start - first) / self.step))
        until = round((end - first) / self.step) + 1
        keys = tuple(
            SeriesKey(
                r.signal, r.service, tuple(sorted(r.labels.items())), f"q({r.service}: {r.signal})"
            )
            for r in self.rows
        )
        values = np.stack([np.concatenate([r.before, r.since])[at:until] for r in self.rows])
        return Reading(Block(keys, first + self.step * at, self.step, values))


class TownChanges(Changes):
    """A town's changes."""

    def __init__(self, town: Town, prometheus: SilentPrometheus) -> None:
        super().__init__(prometheus)
        self.town, self.reader = town, prometheus

    async def changes(
        self, since: datetime, until: datetime, service: str | None = None
    ) -> list[Change]:
        await self.reader.instant("app_info")
        return [
            c for c in self.town.changes if since <= c.at <= until and service in (None, c.service)
        ]


def services(town: Town, down: bool = False, **more: Any) -> dict[type, Any]:
    """What the investigator's tools stand on."""
    prometheus = SilentPrometheus(down)
    return {
        Window: TownWindow(town, prometheus),
        Prometheus: prometheus,
        Changes: TownChanges(town, prometheus),
        Estate: TOWN,
        Settings: Settings(),
    }


def card(name: str, invasiveness: int, *mends: FaultKind, wants: Sequence[str] = ()) -> RunbookCard:
    names = ("service", *wants)
    return RunbookCard(
        name=name,
        summary=name,
        risk=Risk.LOW,
        reversible=True,
        mends=mends,
        invasiveness=invasiveness,
        parameters={"properties": {n: {"type": "string"} for n in names}, "required": list(names)},
    )


CARDS = (
    card("restart_service", 4, FaultKind.MEMORY, FaultKind.CPU, FaultKind.POOL),
    card("recycle_pool", 2, FaultKind.POOL),
    card("revert_configuration", 3, FaultKind.CONFIGURATION, wants=("key", "value")),
    card("roll_back_release", 5, FaultKind.RELEASE, FaultKind.SCHEMA, wants=("release",)),
    card("scale_service", 1, FaultKind.SATURATION, wants=("replicas",)),
    card("skip_poison_record", 3, FaultKind.POISON, wants=("step", "dataset")),
)


def incident(service: str, *others: str, **labels: str) -> Incident:
    """An incident that began when the town's trouble did."""
    symptom = Symptom(
        signal="the errors", kind="errors", service=service, labels=labels, query="q", began=NOW
    )
    return Incident(
        id="INC-7",
        title=f"{service} is in trouble",
        service=service,
        services=(service, *others),
        began=moment(BEGAN),
        opened=moment(BEGAN + STEP),
        symptoms=(symptom,),
    )
