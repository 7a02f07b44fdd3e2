"""What Chimera stands on: store, Temporal, Prometheus with every watched signal, Alertmanager, logs."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import Any

import httpx

from chimera.cli.doctor.check import Check, Result, bad, http, missing, ok
from chimera.domain import Signal, Unavailable
from chimera.platform.settings import Settings


async def look_at_store(settings: Settings) -> Result:
    from sqlalchemy.engine import make_url

    from chimera.platform.store.engine import engine_for
    from chimera.platform.store.store import Store

    url = make_url(settings.store.url)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not is_file(url.database):
        # Connecting would make an empty file; a doctor only looks.
        return bad("store", f"{shown} is not there yet", "`chimera worker` makes it at its start")
    store = Store(engine_for(settings.store.url))
    try:
        await store.ping()
    finally:
        await store.close()
    if url.get_backend_name() == "sqlite" and url.database and (mode := opened(url.database)):
        return bad(
            "store", f"others on this machine may read {url.database} (mode {mode:o})",
            f"chmod 600 {url.database} and what lies beside it ({url.database}-wal, -shm)",
        )  # fmt: skip
    return ok("store", shown)


def opened(path: str) -> int:
    """The file's mode where others than its owner may read or write it; else 0."""
    mode = stat.S_IMODE(os.stat(path).st_mode)
    return mode if mode & 0o066 else 0


def is_file(path: str | None) -> bool:
    return path is not None and Path(path).is_file()


async def look_at_temporal(settings: Settings) -> Result:
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
    from temporalio.client import Client
    from temporalio.service import RPCError

    t = settings.temporal
    try:
        client = await asyncio.wait_for(Client.connect(t.address, namespace=t.namespace), 4)
        request = DescribeTaskQueueRequest(
            namespace=t.namespace,
            task_queue=TaskQueue(name=t.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        answer = await client.workflow_service.describe_task_queue(request)
    except (RuntimeError, RPCError, TimeoutError) as error:
        raise Unavailable(f"Temporal at {t.address}", "answer", str(error)[:120]) from error
    if not answer.pollers:
        return bad(
            "temporal", f"{t.address} answers, but nobody works on the queue {t.task_queue!r}",
            "start `chimera worker`, or correct temporal.task_queue and temporal.namespace",
        )  # fmt: skip
    return ok("temporal", f"{t.address}, namespace {t.namespace}, queue {t.task_queue}")


def prometheus_client(settings: Settings) -> httpx.AsyncClient:
    token = settings.prometheus.token.reveal() if settings.prometheus.token else None
    client = http(token)
    client.base_url = httpx.URL(settings.prometheus.url)
    return client


async def ask(client: httpx.AsyncClient, path: str, **query: str) -> Any:
    reply = await client.get(path, params=query)
    try:
        body = reply.json()
    except ValueError as error:
        where = f"what answers at {client.base_url}"
        raise Unavailable(
            where, "speak as Prometheus does", f"status {reply.status_code}"
        ) from error
    if reply.status_code != 200:
        raise Unavailable("Prometheus", "answer", body.get("error", str(reply.status_code)))
    return body["data"]


async def look_at_prometheus(settings: Settings) -> list[Result]:
    async with prometheus_client(settings) as client:
        reply = await client.get("/-/ready")
        if reply.status_code != 200:
            return [
                bad("prometheus", f"{client.base_url} is not ready: {reply.text.strip()[:200]}")
            ]
        results = [ok("prometheus", f"ready at {settings.prometheus.url}")]
        if not settings.watch:
            remedy = "add [[watch]] rows to chimera.toml"
            return [*results, bad("signals", "nothing is watched", remedy)]
        one_at_a_time = asyncio.Semaphore(8)  # Prometheus answers 20 queries at once by default

        async def series(signal: Signal) -> int:
            async with one_at_a_time:
                found = await ask(client, "/api/v1/query", query=f"count({presence(signal)})")
            return int(float(found["result"][0]["value"][1])) if found["result"] else 0

        counts = await asyncio.gather(*map(series, settings.watch))
    silent = [s for s, n in zip(settings.watch, counts, strict=True) if not n]
    told = len(counts) - len(silent)
    state = ok if told else bad
    results.append(state("signals", f"{told} of {len(counts)} watched signals have data"))
    remedy = "see that something exports it and Prometheus scrapes it, or remove the row"
    for signal in silent:
        why = f"Prometheus has no series of {metric(signal)}"
        results.append(missing(f"signal {signal.name}", why, remedy))
    return results


def metric(signal: Signal) -> str:
    """The metric that must be there. A ratio's errors may well be absent: its denominator counts."""
    base = signal.per or signal.metric
    return base + {"mean": "_count", "quantile": "_bucket"}.get(signal.read, "")


def presence(signal: Signal) -> str:
    return f"{metric(signal)}{{{signal.per_where}}}" if signal.per else metric(signal)


async def look_at_alertmanager(settings: Settings) -> Result:
    async with prometheus_client(settings) as client:
        found = await ask(client, "/api/v1/alertmanagers")
    if not found["activeAlertmanagers"]:
        return missing(
            "alertmanager", "Prometheus sends its alerts to none",
            "add one to Prometheus' `alerting` section, with Chimera's webhook as a receiver",
        )  # fmt: skip
    if settings.api.alertmanager_token is None:
        return bad(
            "alertmanager", "Chimera's webhook accepts no token",
            "set api.alertmanager_token, and the same in Alertmanager's receiver",
        )  # fmt: skip
    settings.api.alertmanager_token.reveal()
    url = found["activeAlertmanagers"][0]["url"].removesuffix("/api/v2/alerts")
    async with http() as client:
        reply = await client.get(f"{url}/-/ready")
    if reply.status_code != 200:
        return bad("alertmanager", f"{url} is not ready", "look at its log")
    return ok("alertmanager", f"ready at {url}")


async def look_at_logs(settings: Settings) -> Result:
    folder = settings.logs.directory
    if folder is None:
        return missing("logs", "no log files are read", "set logs.directory")
    if not os.access(folder, os.R_OK | os.X_OK):
        return bad("logs", f"{folder} is not there or not readable", "correct logs.directory")
    count = len(list(folder.glob("*.log")))
    if not count:
        return missing("logs", f"{folder} holds no *.log files", "correct logs.directory")
    return ok("logs", f"{count} files in {folder}")


store = Check("store", look_at_store, 20)
temporal = Check("temporal", look_at_temporal, 21)
prometheus = Check("prometheus", look_at_prometheus, 22)
alertmanager = Check("alertmanager", look_at_alertmanager, 23)
logs = Check("logs", look_at_logs, 24)
