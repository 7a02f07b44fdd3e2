"""Prometheus metrics about Chimera itself: all of them, in one place.

The alert rules in `rules.py` stand on BUILD, LAST_DETECTION and DEPENDENCY_UP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from chimera.domain import Incident, Misconfigured, Outcome, Phase

BUILD = Gauge("chimera_build_info", "1 while this component runs.", ["version", "component"])
DETECTIONS = Counter("chimera_detections_total", "Detection runs, by how they went.", ["result"])
DETECTION_SECONDS = Histogram(
    "chimera_detection_seconds",
    "How long one detection run took.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
LAST_DETECTION = Gauge(
    "chimera_last_detection_timestamp_seconds",
    "The heartbeat: when detection last ran to its end, as Unix time.",
)
ANOMALIES = Counter("chimera_anomalies_total", "Anomalies first seen, by kind.", ["kind"])
INCIDENTS_OPEN = Gauge("chimera_incidents_open", "Incidents that are not resolved.", ["phase"])
ORDERS = Counter("chimera_orders_total", "Orders that ended, by outcome.", ["runbook", "outcome"])
NOTICES = Counter("chimera_notices_total", "Notices to people.", ["channel", "result"])
PAUSED = Gauge("chimera_paused", "1 while changes are paused there.", ["environment"])
MODEL_REQUESTS = Counter(
    "chimera_model_requests_total", "Requests to the model.", ["model", "purpose", "result"]
)
MODEL_TOKENS = Counter("chimera_model_tokens_total", "Tokens, in or out.", ["model", "direction"])
MODEL_COST = Counter(
    "chimera_model_cost_total", "What the model cost, in the currency of its prices.", ["model"]
)
MODEL_SECONDS = Histogram(
    "chimera_model_seconds",
    "How long one request to the model took.",
    ["purpose"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
MODEL_TODAY = Gauge(
    "chimera_model_spent_today", "Spent since midnight UTC by every process, by unit.", ["unit"]
)
DEPENDENCY_UP = Gauge(
    "chimera_dependency_up", "1 while what Chimera stands on answers it.", ["dependency"]
)


def running(component: Literal["worker", "api"]) -> None:
    """Say that this component runs; its alert fires when the series goes away."""
    BUILD.labels(version=version("chimera-aiops"), component=component).set(1)


def detected(seconds: float, result: Literal["ok", "blind", "error"]) -> None:
    """Count one detection run. One that found no data is a heartbeat too, and has its own alert."""
    DETECTIONS.labels(result=result).inc()
    DETECTION_SECONDS.observe(seconds)
    if result != "error":
        LAST_DETECTION.set(time.time())


def anomaly_seen(kind: str) -> None:
    ANOMALIES.labels(kind=kind).inc()


def incidents_are(open_incidents: list[Incident]) -> None:
    """Set the gauges to what is open now."""
    phases = [incident.phase for incident in open_incidents]
    for phase in Phase:
        if phase is not Phase.RESOLVED:
            INCIDENTS_OPEN.labels(phase=phase.value).set(phases.count(phase))


def order_ended(runbook: str, outcome: Outcome) -> None:
    ORDERS.labels(runbook=runbook, outcome=outcome.status).inc()


def notice_sent(channel: str, result: Literal["sent", "refused", "unavailable"]) -> None:
    NOTICES.labels(channel=channel, result=result).inc()


def pauses_are(environments: Mapping[str, object]) -> None:
    """Set the gauges to what is paused now."""
    PAUSED.clear()
    for environment in environments:
        PAUSED.labels(environment=environment).set(1)


def model_asked(
    model: str, purpose: str, result: str, *, tokens: tuple[int, int], money: float, seconds: float
) -> None:
    """Count one request: answered, refused (by the server) or failed. `tokens`: in, out."""
    MODEL_REQUESTS.labels(model=model, purpose=purpose, result=result).inc()
    for direction, number in zip(("in", "out"), tokens, strict=True):
        MODEL_TOKENS.labels(model=model, direction=direction).inc(number)
    MODEL_COST.labels(model=model).inc(money)
    MODEL_SECONDS.labels(purpose=purpose).observe(seconds)


def model_spent_today(tokens: int, money: float, seconds: float) -> None:
    """Set the gauges to what the store has on record."""
    for unit, value in (("tokens", tokens), ("money", money), ("seconds", seconds)):
        MODEL_TODAY.labels(unit=unit).set(value)


def dependency_is(name: str, up: bool) -> None:
    DEPENDENCY_UP.labels(dependency=name).set(float(up))


def serve(port: int, host: str = "127.0.0.1") -> Callable[[], None]:
    """Serve /metrics from a thread, for processes without a web server; returns what stops it.

    Raises Misconfigured when the port cannot be had.
    """
    try:
        server, thread = start_http_server(port, addr=host)
    except OSError as error:
        raise Misconfigured(
            f"metrics cannot be served on {host}:{port} ({error.strerror}); stop what uses the "
            "port, or set api.worker_metrics_port to another"
        ) from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

    return stop
