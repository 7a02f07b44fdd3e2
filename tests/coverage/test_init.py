"""What `chimera init` proposes for a platform it has never seen, and that it runs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from chimera.cli import build
from chimera.domain import Signal
from chimera.flows.watching import watcher_of
from chimera.platform.catalog.estate import load_estate
from chimera.platform.coverage.naming import failed_where, one_of, service_label
from chimera.platform.observability import Prometheus, Window
from chimera.platform.settings import load_settings
from tests.coverage.foreign import foreign
from tests.coverage.recorded import serving
from tests.observability.conftest import Target, until


@pytest.fixture(scope="module")
async def theirs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    now = time.time()
    past = foreign(np.arange(now - 1800, now + 1200, 15.0), most=700)
    async with serving(past, tmp_path_factory.mktemp("foreign")) as reader:
        yield reader


async def init(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, build(), ["init", *words])


async def proposed(reader: Prometheus, *words: str) -> dict[str, Any]:
    result = await init("--prometheus", reader.url, "--dry-run", "--json", *words)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


async def test_red_and_use_are_found_by_their_names_and_labels(theirs: Prometheus) -> None:
    found = await proposed(theirs)
    rows = {row["metric"]: row for row in found["watch"]}
    assert found["step"] == 15

    certificate = rows["probe_ssl_earliest_cert_expiry"]
    assert (certificate["read"], certificate["limit"]) == ("expiry", 0)
    assert certificate["horizon"] == 14 * 86400
    assert certificate["services"] == ["https://shop.example"]
    quota = rows["kube_resourcequota"]
    assert (quota["where"], quota["per_where"]) == ('type="used"', 'type="hard"')
    assert (quota["services"], quota["by"]) == (["shops"], ["resourcequota", "resource"])

    latency = rows["http_server_request_duration_seconds"]
    assert (latency["read"], latency["quantile"], latency["symptom"]) == ("quantile", 0.95, True)
    assert latency["service_label"] == "exported_job"
    assert latency["services"] == ["billing", "cart", "search"]
    by_where = {(r["kind"], r["metric"]): r["where"] for r in found["watch"]}
    counted = "http_server_request_duration_seconds_count"
    assert by_where["errors", counted] == 'http_response_status_code=~"5.."'
    assert "Internal" in by_where["errors", "grpc_server_handled_total"]
    assert rows["grpc_server_handled_total"]["service_label"] == "app"
    assert "failed" in rows["mail_jobs_processed_total"]["where"]
    assert rows["up"]["service_label"] == "job"

    assert rows["mail_connections_in_use"]["per"] == "mail_connections_max"
    assert rows["node_filesystem_avail_bytes"]["by"] == ["mountpoint"]
    assert rows["node_filesystem_avail_bytes"]["limit"] == 0.1
    assert rows["pg_stat_database_numbackends"]["per"] == "pg_settings_max_connections"
    assert rows["process_cpu_seconds_total"]["read"] == "rate"
    assert rows["mail_queue_depth"]["floor"] == pytest.approx(8, abs=2)  # its own level
    assert all(row["floor"] > 0 and row["why"] for row in found["watch"])

    traced = rows["traces_service_graph_request_failed_total"]
    assert traced["services"] == ["ledger-db"]  # the others' errors are told by their own metrics
    calls = {n["name"]: n["calls"] for n in found["estate"]["nodes"]}
    assert calls == {
        "billing": ["ledger-db"], "cart": ["billing", "search"], "search": [], "ledger-db": [],
    }  # fmt: skip
    kinds = {n["name"]: n["kind"] for n in found["estate"]["nodes"]}
    assert kinds["ledger-db"] == "store"


async def test_what_is_left_out_is_said_with_its_reason(theirs: Prometheus) -> None:
    found = await proposed(theirs, "--max-series", "12")
    assert sum(row["series"] for row in found["watch"]) <= 12
    assert "up" in {row["metric"] for row in found["watch"]}  # what tells most goes first
    why = {one["metric"]: one["why"] for one in found["left_out"]}
    assert any("--max-series 12" in reason for reason in why.values())
    assert "every 120 s" in why["nightly_backlog"]
    assert found["unknown"]["warp_"] == 1


async def test_what_it_writes_loads_runs_and_is_not_overwritten(
    theirs: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await init("--prometheus", theirs.url, "--output", str(tmp_path))
    assert result.exit_code == 0, result.output
    settings = load_settings(tmp_path / "chimera.toml")
    text = (tmp_path / "chimera.toml").read_text()
    assert all(trust == {"*": "observe"} for trust in settings.policy.trust.values())
    assert settings.estate.file is not None
    assert load_estate(settings.estate.file).node("cart")
    assert settings.identity.signing_key is not None
    assert len(settings.identity.signing_key.reveal()) == 64
    assert (tmp_path / "signing.key").stat().st_mode & 0o77 == 0
    for row in text.split("\n\n"):
        if "[[watch]]" in row:
            assert row.startswith("# ")  # every row says why it is here
    assert "What is not watched, and why:" in text

    step = timedelta(seconds=settings.prometheus.scrape_interval)
    reading = await Window(theirs, settings.watch, step=step).advance(datetime.now(UTC))
    watched = watcher_of(settings).advance(reading.block)
    told = {key.signal for key in reading.block.keys}
    assert told == {signal.name for signal in settings.watch}
    assert not watched.blind

    again = await init("--prometheus", theirs.url, "--output", str(tmp_path))
    assert (again.exit_code, "--force" in again.stderr) == (4, True)
    key = (tmp_path / "signing.key").read_text()
    forced = await init("--prometheus", theirs.url, "--output", str(tmp_path), "--force")
    assert forced.exit_code == 0
    assert (tmp_path / "signing.key").read_text() == key


async def test_it_reads_types_and_units_of_a_prometheus_that_scrapes(
    target: Target, prometheus: Prometheus, tmp_path: Path
) -> None:
    target.lines = {
        '# TYPE orders_taken counter\norders_taken_total{outcome="SUCCESS"}': 5.0,
        'orders_taken_total{outcome="SERVER_ERROR"}': 1.0,
        "# TYPE depth gauge\ninbox_queue_depth": 4.0,
        "# TYPE tea gauge\ntea_temperature": 80.0,
    }

    async def scraped() -> bool:
        answer = await prometheus.raw("up", *_minute())
        return sum(s.times.size for s in answer.series) >= 4

    await until(scraped)
    result = await init("--prometheus", prometheus.url, "--output", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    settings = load_settings(tmp_path / "out" / "chimera.toml")
    assert settings.prometheus.scrape_interval == 1.0
    assert {s.metric for s in settings.watch} == {
        "up", "inbox_queue_depth", "orders_taken_total",
    }  # fmt: skip
    assert {s.service_label for s in settings.watch} == {"service"}
    assert settings.estate.file is None  # nothing tells who calls whom


def _minute() -> tuple[datetime, datetime]:
    now = time.time()
    return datetime.fromtimestamp(now - 60, UTC), datetime.fromtimestamp(now, UTC)


async def test_what_is_no_prometheus_is_told_in_one_line(tmp_path: Path) -> None:
    away = await init("--prometheus", "http://127.0.0.1:9", "--output", str(tmp_path))
    assert (away.exit_code, away.stderr.count("\n")) == (5, 1)
    assert "check that it runs" in away.stderr
    wrong = await init("--prometheus", "http://127.0.0.1:9", "--token", "hunter2")
    assert (wrong.exit_code, "env:NAME" in wrong.stderr) == (2, True)
    assert not (tmp_path / "chimera.toml").exists()


@pytest.mark.parametrize(
    ("label", "values", "where"),
    [
        ("code", ("200", "404"), 'code=~"5.."'),
        ("status", ("2xx", "5xx"), 'status=~"5(xx|XX)"'),
        ("rpc_grpc_status_code", ("0", "5"), 'rpc_grpc_status_code=~"2|4|8|12|13|14|15"'),
        ("success", ("true", "false"), 'success="false"'),
        ("error_type", ("", "timeout"), 'error_type!=""'),
        ("code", ("blue", "red"), ""),
    ],
)
def test_what_failed_is_read_from_the_values_of_a_label(
    label: str, values: tuple[str, ...], where: str
) -> None:
    assert failed_where([{label: value} for value in values]) == where


def test_a_label_of_addresses_names_no_service() -> None:
    series = [{"service": "10.0.0.1:80", "app": "a", "job": "x"}, {"service": "b:1", "app": "b"}]
    assert service_label(series) == "app"
    assert service_label(series[:1], first=("service",)) == "service"
    assert service_label([{"le": "1"}]) == ""


async def test_a_matcher_for_names_matches_these_names_whatever_is_in_them(
    theirs: Prometheus,
) -> None:
    assert one_of("app", ["ledger-db", "a.b"]) == 'app=~"a\\\\.b|ledger-db"'
    awkward = ['a"b', "c\\d", "(e)", "quotes"]
    answer = await theirs.instant(f"up{{{one_of('app', awkward)}}}")
    assert {s.labels["app"] for s in answer.series} == {"quotes"}
    others = await theirs.instant(f"up{{{one_of('app', awkward, but=True)}}}")
    assert "quotes" not in {s.labels.get("app") for s in others.series}


def test_every_convention_makes_a_signal() -> None:
    from chimera.platform.coverage.conventions import conventions

    for row in conventions():
        assert Signal(name=row.name, kind=row.kind, metric="m", bad=row.bad).name
        assert row.why
        assert row.limit is None or row.floor
