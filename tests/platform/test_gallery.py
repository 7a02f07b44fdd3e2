"""An incident's pictures: what can be drawn, of what span, and what is said when nothing can."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, cast
from xml.etree import ElementTree

import numpy as np
import pytest

from chimera.domain import Anomaly, Incident, NotFound, Notice, Picture, Signal, SignalKind
from chimera.platform.observability import Prometheus, Window
from chimera.platform.observability.prometheus import Answer, RawSeries
from chimera.platform.orchestration.tell import STALE, Telling, Told
from chimera.platform.pictures.gallery import Gallery
from chimera.platform.store import Member, Store
from tests.clock import just_now

STEP = timedelta(seconds=15)
LATENCY = Signal(name="latency", kind=SignalKind.LATENCY, metric="latency_seconds", symptom=True)
DISK = Signal(name="disk", kind=SignalKind.DISK, metric="disk_share", limit=0.9, horizon=7200)


class Past:
    """A Prometheus that scraped two gauges of shop for the last two hours."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []

    async def raw(
        self, selector: str, start: datetime, end: datetime, *, piece: timedelta | None = None
    ) -> Answer:
        times = just_now().timestamp() - np.arange(480)[::-1] * STEP.total_seconds()
        inside = (times > start.timestamp()) & (times <= end.timestamp())
        rise = np.arange(480)
        values = {
            "up": np.ones(480),
            "latency_seconds": 0.2 + 0.01 * np.sin(rise) + (rise > 440),
            "disk_share": 0.4 + 0.0006 * rise,
        }
        name = selector.partition("{")[0]
        if name != "up":
            self.asked.append((start, end))
        labels = {"__name__": name, "service": "shop", "job": "shop", "instance": "shop:1"}
        line = np.asarray(values[name][inside], dtype=np.float64)
        found = RawSeries(labels, np.asarray(times[inside], dtype=np.float64), line)
        return Answer(selector, (found,) if inside.any() else ())


def anomaly(signal: Signal, ago: timedelta, **more: Any) -> Anomaly:
    fields: dict[str, Any] = {
        "id": f"{signal.name}{int(ago.total_seconds())}", "signal": signal.name, "kind": signal.kind,
        "service": "shop", "query": signal.metric, "began": just_now() - ago, "seen": just_now(),
        "observed": 1.2, "expected": 0.2, "low": 0.19, "high": 0.21, "direction": "up",
        "surprise": 9.0, "detector": "seasonal", "symptom": signal.symptom,
    }  # fmt: skip
    return Anomaly.model_validate({**fields, **more})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}")
    yield opened
    await opened.close()


async def gallery(store: Store, past: Past, anomalies: Sequence[Anomaly]) -> Gallery:
    incident = Incident(id="INC-1", title="t", service="shop", began=just_now(), opened=just_now())
    members = [
        Member(
            signal=a.id, kind="anomaly", incident="INC-1", service="shop", active=not a.over,
            changed=just_now(), body=a.model_dump(mode="json"),
        )
        for a in anomalies
    ]  # fmt: skip
    await store.grouped([], members, [incident], {})
    window = Window(
        cast("Prometheus", past), (LATENCY, DISK), step=STEP, history=timedelta(hours=1)
    )
    return Gallery(window, store)


async def test_what_users_feel_comes_first_and_each_is_drawn_in_both_forms(store: Store) -> None:
    foreseen = "reaches 0.9 in 6 min (5 min to 8 min)"
    full = anomaly(DISK, timedelta(minutes=5), foreseen=foreseen, detector="forecast")
    past = Past()
    here = await gallery(store, past, [full, anomaly(LATENCY, timedelta(minutes=10))])
    shown = await here.of("INC-1")
    assert [one.id for one in shown] == ["latency600", "disk300"]
    assert shown[0].title == "shop: latency is 1.2 s, expected 190 ms to 210 ms"
    assert shown[1].title == f"shop: disk {foreseen}"
    for one in shown:
        root = ElementTree.fromstring(await here.draw("INC-1", one.id, "svg"))
        assert one.title in " ".join(root.itertext())
        assert (await here.draw("INC-1", one.id, "png"))[:4] == b"\x89PNG"
    ahead = (await here.draw("INC-1", "disk300", "svg")).decode()
    assert "seen to run out" in ahead
    assert "no data" not in ahead, "what has not happened yet is not missing"
    began, ended = past.asked[0]
    assert began < just_now() - timedelta(minutes=69), "with the hour before it"
    assert ended <= datetime.now(UTC) + timedelta(minutes=1)


async def test_what_cannot_be_drawn_says_why(store: Store) -> None:
    old = anomaly(LATENCY, timedelta(days=20), over=True, id="old")
    gone = anomaly(LATENCY.model_copy(update={"name": "gone"}), timedelta(0), id="x")
    here = await gallery(store, Past(), [old, gone])
    assert [one.id for one in await here.of("INC-1")] == ["old"]
    for name, why in (
        ("old", "no samples"),
        ("none", "no anomaly 'none'"),
        ("x", "'gone' is watched"),
    ):
        with pytest.raises(NotFound, match=why):
            await here.draw("INC-1", name, "svg")


class Board:
    """A channel that shows pictures."""

    name: ClassVar[str] = "board"

    def __init__(self) -> None:
        self.shown: list[Picture] = []

    async def send(self, notice: Notice) -> str | None:
        raise AssertionError("a picture is no word")

    async def show(self, notice: Notice, picture: Picture) -> None:
        self.shown.append(picture)


async def test_a_notice_of_a_picture_shows_it_where_pictures_are_shown(store: Store) -> None:
    here = await gallery(store, Past(), [anomaly(LATENCY, timedelta(minutes=10))])
    board = Board()
    telling = Telling({"board": board, "words": Words()}, store, here)
    notice = Notice(
        id="n",
        incident="INC-1",
        kind="picture",
        title="",
        text="",
        picture="latency600",
        at=just_now(),
    )
    for channel in ("board", "words", "board"):
        await telling.send(Told(channel=channel, notice=notice))
    assert [p.name for p in board.shown] == ["latency-latency600.png"] * 2
    assert board.shown[0].content == board.shown[1].content
    for vain in (
        notice.model_copy(update={"at": just_now() - STALE - STEP}),
        notice.model_copy(update={"id": "m", "picture": "gone"}),
    ):
        await telling.send(Told(channel="board", notice=vain))
    assert len(board.shown) == 2


class Words:
    """A channel that shows none."""

    name: ClassVar[str] = "words"

    async def send(self, notice: Notice) -> str | None:
        raise AssertionError("a picture is no word")
