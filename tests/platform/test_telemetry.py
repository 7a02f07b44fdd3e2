from __future__ import annotations

import gzip
import io
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
import structlog
import yaml

from chimera.platform.settings import Prometheus, Settings, Telemetry
from chimera.platform.telemetry import metrics
from chimera.platform.telemetry.logs import configure_logs
from chimera.platform.telemetry.rules import alert_rules
from chimera.platform.telemetry.traces import configure_traces
from chimera.sandbox.stack.ports import free_ports
from tests.platform.promtool import prove_rules


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    out = io.StringIO()
    configure_logs(Telemetry(), "worker", out)
    yield out
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers, root.level = before


def records(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_ours_and_the_librarys_records_are_one_json_object_a_line(logged: io.StringIO) -> None:
    structlog.get_logger("ours").info("repaired", order="INC-1/1")
    logging.getLogger("theirs").warning("retrying %s", "now", extra={"attempt": 2})
    try:
        raise ValueError("two\nlines")
    except ValueError:
        structlog.get_logger("ours").exception("failed")
    ours, theirs, failed = records(logged)
    assert (ours["message"], ours["order"], ours["level"]) == ("repaired", "INC-1/1", "info")
    assert (theirs["message"], theirs["attempt"], theirs["service"]) == (
        "retrying now",
        2,
        "worker",
    )
    assert "ValueError: two\nlines" in failed["exception"]


def test_secrets_do_not_get_into_the_log(logged: io.StringIO) -> None:
    log = structlog.get_logger("ours")
    log.info("asking", token="hunter2", headers={"Authorization": "Bearer hunter2-hunter2"})
    log.info("connecting to postgres://chimera:hunter2@db/chimera")
    logging.getLogger("theirs").error("sent Bearer hunter2-hunter2 and xoxb-hunter2-1234")
    log.info("kept", plan_hash="abc", secret_count=3, tokens_used=4)
    text = logged.getvalue()
    assert "hunter2" not in text
    assert records(logged)[-1]["plan_hash"] == "abc"
    assert records(logged)[-1]["secret_count"] == 3


class Collector(BaseHTTPRequestHandler):
    """Takes what is sent over OTLP, as a real collector does."""

    received: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_spans_reach_the_collector_and_the_log_names_their_trace(logged: io.StringIO) -> None:
    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        provider = configure_traces(Telemetry(otlp_endpoint=endpoint), "worker")
        with provider.get_tracer("test").start_as_current_span("repair") as span:
            structlog.get_logger("ours").info("inside")
        provider.shutdown()
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
    inside = next(record for record in records(logged) if record["message"] == "inside")
    assert inside["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    path, body = Collector.received[0]
    assert path == "/v1/traces"
    assert b"repair" in (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)


def test_metrics_are_served_and_a_failed_run_is_no_heartbeat() -> None:
    port = free_ports(1)[0]
    stop = metrics.serve(port)
    try:
        metrics.LAST_DETECTION.set(0)
        metrics.detected(0.2, "error")
        assert heartbeat(port) == 0
        metrics.detected(0.2, "ok")
        assert heartbeat(port) > 0
    finally:
        stop()


def heartbeat(port: int) -> float:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    name = "chimera_last_detection_timestamp_seconds "
    return float(next(line for line in text.splitlines() if line.startswith(name)).split()[1])


WELL = {
    'chimera_build_info{component="worker"}': "1x240",
    'chimera_build_info{component="api"}': "1x240",
    'chimera_dependency_up{dependency="temporal"}': "1x240",
    "chimera_last_detection_timestamp_seconds": "0+5x240",
    'chimera_detections_total{result="ok"}': "0+1x240",
    'chimera_detections_total{result="blind"}': "0x100 1+0x140",  # one blind run is no alarm
}


@pytest.mark.parametrize(
    ("change", "alert"),
    [
        ({}, None),
        ({'chimera_build_info{component="worker"}': "1x20 stale"}, "ChimeraWorkerDown"),
        ({'chimera_build_info{component="api"}': "1x20 stale"}, "ChimeraApiDown"),
        ({'chimera_dependency_up{dependency="temporal"}': "1x20 0x220"}, "ChimeraTemporalDown"),
        ({"chimera_last_detection_timestamp_seconds": "100x240"}, "ChimeraDetectionStalled"),
        ({"chimera_last_detection_timestamp_seconds": "0x240"}, "ChimeraNeverDetected"),
        (
            {
                'chimera_detections_total{result="ok"}': "0+1x100 100x140",
                'chimera_detections_total{result="blind"}': "0x100 0+1x140",
            },
            "ChimeraBlind",
        ),
    ],
)
async def test_the_rules_fire_when_chimera_stops_and_only_then(
    tmp_path: Path, change: dict[str, str], alert: str | None
) -> None:
    rules = alert_rules(Settings(prometheus=Prometheus(scrape_interval=5)))
    (tmp_path / "rules.yml").write_text(rules)
    names = [rule["alert"] for rule in yaml.safe_load(rules)["groups"][0]["rules"]]
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "5s",
        "tests": [
            {
                "interval": "5s",
                "input_series": [
                    {"series": series, "values": values}
                    for series, values in (WELL | change).items()
                ],
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}}) or vector(0)',
                        "eval_time": "15m",
                        "exp_samples": [{"labels": "{}", "value": int(name == alert)}],
                    }
                    for name in names
                ],
            }
        ],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(test))
    await prove_rules(tmp_path / "test.yml")
