"""The pictures of an incident: one an anomaly, drawn when somebody asks, from what Prometheus has."""

from __future__ import annotations

import asyncio
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from chimera.domain import Anomaly, NotFound, Notice, Picture, Series
from chimera.domain.base import Value
from chimera.platform.observability.window import Window
from chimera.platform.pictures.anomaly import drawn, title, unit_of
from chimera.platform.pictures.foreseen import drawn_ahead
from chimera.platform.store import Store

ODD_IN_NAMES = re.compile(r"[^\w.-]+")
LONGEST = timedelta(hours=6)  # that one picture shows
SCALE = 2.0  # pixels to a unit
SENT = 30  # pictures of some 40 kB that are kept for those who are served later

Form = Literal["png", "svg"]


class Shown(Value):
    """One picture that there is."""

    id: str  # of its anomaly
    title: str
    began: datetime


class Gallery:
    """Draws from the window's signals."""

    def __init__(self, window: Window, store: Store) -> None:
        self._window = window
        self._store = store
        self._sent: dict[str, Picture] = {}  # every channel, and every retry, has the same

    async def of(self, incident: str) -> list[Shown]:
        """What can be drawn of an incident, what users feel and what surprises most first."""
        found = await self._anomalies(incident)
        found.sort(key=lambda a: (not a.symptom, -a.surprise, a.began, a.id))
        return [
            Shown(id=a.id, title=self._title(a), began=a.began)
            for a in found
            if a.signal in self._window.signals
        ]

    async def draw(self, incident: str, anomaly_id: str, form: Form, scale: float = SCALE) -> bytes:
        """One picture; of a PNG `scale` pixels to a unit. Raises NotFound, Unavailable, Refused."""
        for anomaly in await self._anomalies(incident):
            if anomaly.id == anomaly_id:
                return await self._draw(anomaly, form, scale)
        raise NotFound(
            f"{incident} has no anomaly {anomaly_id!r} that could be drawn; "
            f"GET /api/v1/incidents/{incident}/pictures lists those it has"
        )

    async def picture(self, notice: Notice) -> Picture | None:
        """What a notice of kind `picture` shows; None when there is nothing to see (any more)."""
        if notice.id in self._sent:
            return self._sent[notice.id]
        for anomaly in await self._anomalies(notice.incident):
            if anomaly.id == notice.picture:
                try:
                    content = await self._draw(anomaly, "png")
                except NotFound:
                    return None
                name = f"{ODD_IN_NAMES.sub('-', anomaly.signal)}-{anomaly.id}.png"
                picture = Picture(name=name, title=self._title(anomaly), content=content)
                if len(self._sent) >= SENT:
                    self._sent.clear()
                self._sent[notice.id] = picture
                return picture
        return None

    async def _anomalies(self, incident: str) -> list[Anomaly]:
        """The incident's anomalies; what is kept of one is how it began, and whether it is over."""
        found = []
        for member in await self._store.members(incident=incident):
            if member.kind == "anomaly":
                anomaly = Anomaly.model_validate(member.body)
                if not member.active:
                    anomaly = anomaly.model_copy(update={"over": True, "seen": member.changed})
                found.append(anomaly)
        return found

    async def _draw(self, anomaly: Anomaly, form: Form, scale: float = SCALE) -> bytes:
        signal = self._window.signal(anomaly.signal)
        start, end = self._span(anomaly)
        series = await self._window.series(
            anomaly.signal, anomaly.service, anomaly.labels, start, end
        )
        if not any(math.isfinite(value) for value in series.values):
            raise NotFound(
                f"Prometheus has no samples of {anomaly.signal} of {anomaly.service} between "
                f"{start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC (any more)"
            )

        def paint() -> bytes:
            make = drawn_ahead if anomaly.foreseen else drawn
            drawing = make(anomaly, series, signal=signal)
            return drawing.png(scale) if form == "png" else drawing.svg().encode()

        return await asyncio.to_thread(paint)

    def _span(self, anomaly: Anomaly) -> tuple[datetime, datetime]:
        """As much before the anomaly as detection learns from, and a while of it.

        Of what is foreseen the newest: it may go on for days, and where it heads is what counts.
        """
        history = self._window.step * self._window.points
        now = datetime.now(UTC)
        end = min(anomaly.seen + history / 6, now) if anomaly.over else now
        if anomaly.foreseen:
            return end - min(history, LONGEST), end
        start = anomaly.began - min(history, LONGEST / 2)
        return start, min(end, start + LONGEST)

    def _title(self, anomaly: Anomaly) -> str:
        signal = self._window.signals.get(anomaly.signal)
        empty = Series(
            signal=anomaly.signal,
            kind=anomaly.kind,
            service=anomaly.service,
            start=anomaly.began,
            step=self._window.step,
            values=(),
        )
        return title(anomaly, unit_of(signal, empty))
