"""A state made real: Prometheus with its past, a store with its records, files, logs, people."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chimera.bench.evaluation.files import Offset, State, moment_of
from chimera.bench.evaluation.samples import Samples
from chimera.domain import (
    Estate,
    Event,
    Incident,
    Misconfigured,
    Principal,
    Silence,
    Unavailable,
)
from chimera.platform.access import Datasets, MetricNames
from chimera.platform.catalog.estate import load_estate
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.observability import Changes, LogFiles, Prometheus, Window
from chimera.platform.settings import Settings
from chimera.platform.store import OrderRecord, Store
from chimera.runbooks.base import Runbook
from chimera.runbooks.built import build_runbooks
from chimera.sandbox.programs import prometheus as programs
from chimera.sandbox.programs import silent
from chimera.sandbox.programs.base import output_of
from chimera.sandbox.stack.ports import free_ports

__all__ = ["Offset", "World", "world"]
READY = 30.0  # seconds for Prometheus to come up


@dataclass(frozen=True)
class World:
    """What a conversation stands on while a state's cases are run."""

    now: datetime
    services: dict[type, Any]
    people: dict[str, Principal]
    runbooks: dict[str, Runbook[Any]]
    estate: Estate


@contextlib.asynccontextmanager
async def world(state: State, file: Path, folder: Path) -> AsyncIterator[World]:
    """Build a state in a folder. Raises Misconfigured for what is wrong in it."""
    estate = estate_of(state, file, folder)
    try:
        settings = Settings.model_validate({"environment": estate.environment, **state.settings})
    except ValidationError as error:
        raise Misconfigured(f"{file}: settings: {error.errors()[0]['msg']}") from error
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'store.db'}")
    try:
        async with prometheus(state, folder) as url:
            reader = Prometheus(url, timeout=10.0, retries=0)
            step = timedelta(seconds=state.step)
            await records(state, store, file)
            logs(state, folder / "logs")
            tables(state, folder / "data")
            runbooks = build_runbooks(None, None, None)  # type: ignore[arg-type]  # plans only
            services: dict[type, Any] = {
                Window: Window(reader, settings.watch, step=step, history=state.history),
                Prometheus: reader,
                MetricNames: MetricNames(url),
                Changes: Changes(reader, settings.changes, step=step),
                Store: store,
                Estate: estate,
                Settings: settings,
                LogFiles: LogFiles(folder / "logs"),
                Datasets: Datasets(folder / "data"),
                Shelf: Shelf(runbook.card for runbook in runbooks.values()),
            }
            people = {
                p.id: Principal(id=p.id, name=p.name or p.id, roles=p.roles, via="eval")
                for p in state.people
            }
            yield World(state.now, services, people, runbooks, estate)
    finally:
        await store.close()


def estate_of(state: State, file: Path, folder: Path) -> Estate:
    if isinstance(state.estate, str):
        return load_estate((file.parent / state.estate).resolve())
    written = folder / "estate.yaml"
    written.write_text(json.dumps(state.estate))  # JSON is YAML
    return load_estate(written)


@contextlib.asynccontextmanager
async def prometheus(state: State, folder: Path) -> AsyncIterator[str]:
    """A Prometheus that holds the state's past and scrapes nothing; its address."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    if not state.prometheus:
        yield url
        return
    program = await programs.find(programs.PROMETHEUS, silent)
    tool = programs.tool_of(program, programs.PROMETHEUS)
    if tool is None:
        raise Misconfigured("promtool is not beside Prometheus; put `promtool` on PATH")
    past, config = folder / "past.om", folder / "prometheus.yml"
    with past.open("w") as out:
        out.writelines(Samples(state).text())
    config.write_text("scrape_configs: []\n")
    data = folder / "tsdb"
    made: list[str | Path] = [
        tool,
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--quiet",
        past,
        data,
    ]
    code, wrote = await output_of(made, timeout=180)
    if code:
        raise Misconfigured(f"promtool could not load the series of a state: {wrote[-300:]}")
    process = await asyncio.create_subprocess_exec(
        str(program.path),
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=20y",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        reader = Prometheus(url, timeout=5.0)
        try:
            async with asyncio.timeout(READY):
                while not await reader.ready():
                    if process.returncode is not None:
                        raise Unavailable("Prometheus", "start for a state")
                    await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise Unavailable("Prometheus", f"be ready within {READY:g} s") from error
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def records(state: State, store: Store, file: Path) -> None:
    """Incidents, orders, timelines, post-mortems, silences and pauses as they are on record."""
    try:
        for row in state.incidents:
            await store.save_incident(Incident.model_validate(moment_of(row, state.now)))
        for row in state.orders:
            await store.save_order(OrderRecord.model_validate(moment_of(row, state.now)))
        for row in state.events:
            await store.add_event(Event.model_validate(moment_of(row, state.now)))
        for row in state.silences:
            silence = Silence.model_validate(moment_of(row, state.now))
            await store.add_silence(silence.order, silence.order, silence)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"{file}: {error.title}: {key}: {first['msg']}") from error
    for incident, text in state.postmortems.items():
        await store.save_postmortem(incident, text)
    for row in state.pauses:
        said = moment_of(row, state.now)
        where, by, reason = (
            said.get("environment", "*"),
            said.get("by", "?"),
            said.get("reason", ""),
        )
        await store.pause(where, by, reason, said.get("at", state.now))


def logs(state: State, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for line in sorted(state.logs, key=lambda one: one.at):
        said = {
            "time": (state.now + line.at).isoformat(),
            "level": line.level,
            "service": line.service,
            "message": line.message,
        }
        with (folder / f"{line.service}-0.log").open("a") as out:
            out.write(json.dumps(said) + "\n")


def tables(state: State, folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    for name, files in state.datasets.items():
        (folder / name).mkdir(exist_ok=True)
        pq.write_table(pa.table(files.columns), folder / name / "part-0.parquet")
