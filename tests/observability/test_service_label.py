"""Services whose label is not called `service` are seen by everything that looks at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chimera.domain import CHIMERA
from chimera.platform.observability import Changes, Prometheus, Window
from chimera.platform.settings import load_settings
from chimera.tools.compare_metrics import Compared, compare_metrics
from chimera.tools.list_changes import list_changes
from tests.observability.conftest import Target, until

STEP = timedelta(seconds=1)
WATCH = """
[[watch]]
name = "traffic"
kind = "traffic"
read = "rate"
metric = "http_requests_total"
service_label = "app"

[[watch]]
name = "queue"
kind = "queue"
metric = "queue_length"
service_label = "app"

[[watch]]
name = "presence"
kind = "presence"
metric = "up"
service_label = "job"
"""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("prometheus", ["app"], indirect=True)
async def test_a_watch_file_whose_services_are_apps(
    target: Target, prometheus: Prometheus, tmp_path: Path
) -> None:
    (tmp_path / "chimera.toml").write_text(WATCH)
    settings = load_settings(tmp_path / "chimera.toml")
    assert settings.service_label == "app"
    window = Window(prometheus, settings.watch, step=STEP, history=timedelta(seconds=60))
    changes = Changes(prometheus, settings.changes, service_label=settings.service_label, step=STEP)
    target.lines = {"http_requests_total": 1000.0, "queue_length": 3, 'app_info{version="1"}': 1}
    began = now()

    async def counted() -> bool:
        target.lines["http_requests_total"] += 5
        answer = await prometheus.raw("http_requests_total", began, now())
        return bool(answer.series) and answer.series[0].times.size >= 4

    await until(counted)
    onset = now()
    target.lines["http_requests_total"] = 0.0  # it has started again, as another version
    del target.lines['app_info{version="1"}']
    target.lines['app_info{version="2"}'] = 1

    async def changed() -> bool:
        return bool(await changes.changes(began, now()))

    await until(changed)
    (change,) = await changes.changes(began, now(), "orders")
    assert (change.service, change.before, change.after) == ("orders", "1", "2")
    assert await changes.changes(began, now(), "payments") == []

    async def settling() -> dict[str, bool]:
        block = (await window.advance(now())).block
        assert block.settling is not None
        return {key.signal: bool(block.settling[n].any()) for n, key in enumerate(block.keys)}

    async def settled() -> bool:
        # Whatever a signal calls the process, it is known that it has started again.
        return await settling() == {"traffic": True, "queue": True, "presence": True}

    await until(settled)
    block = (await window.advance(now())).block
    services = {key.signal: key.service for key in block.keys}
    assert services == {"traffic": "orders", "queue": "orders", "presence": "estate"}

    look = await compare_metrics.run(onset, now(), who=CHIMERA, window=window)
    assert isinstance(look.data, Compared)
    assert look.data.replicas == {"orders": 1, "estate": 1}
    look = await list_changes.run(
        began, now(), who=CHIMERA, changes=changes, prometheus=prometheus, settings=settings
    )
    (evidence,) = look.evidence
    assert 'app="orders"' in evidence.query
    assert (await prometheus.instant(evidence.query, now())).series
