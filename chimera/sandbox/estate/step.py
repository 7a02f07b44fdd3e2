"""A pipeline step: runs by the clock, repeats what failed, sets a record aside when told to."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from chimera.sandbox.estate import quarantine
from chimera.sandbox.estate.desired import write_whole
from chimera.sandbox.estate.lake import Memory, schema_fingerprint
from chimera.sandbox.estate.logs import TRACE, new_trace
from chimera.sandbox.estate.replica import Replica
from chimera.sandbox.estate.service import Service

Record = dict[str, Any]


class Blocked(Exception):
    """A batch cannot be processed; with the records to blame, if it is records."""

    def __init__(self, reason: str, batch: str, records: list[Record]) -> None:
        super().__init__(reason)
        self.batch, self.records = batch, records


class Step(Service, ABC):
    """Base of the pipeline's steps: the clock, the metrics, the records set aside."""

    passive = True
    name: ClassVar[str]
    dataset: ClassVar[str]

    def __init__(self, replica: Replica) -> None:
        super().__init__(replica)
        meters = replica.meters
        self.lake: Path = replica.wiring.home / "lake"
        self.memory = Memory(self.lake, self.name)
        self.folder = replica.quota.folder / self.dataset
        self.folder.mkdir(parents=True, exist_ok=True)
        self.blocked: Blocked | None = None
        self.busy = asyncio.Lock()  # a run, or somebody who changes what was written
        self.newest: float = self.memory.get("newest", time.time())
        self.runs = meters.counter(
            "pipeline_runs_total", "Runs of a step, repeated ones too", "step", "result"
        )
        for result in ("ok", "error"):
            self.runs.labels(step=self.name, result=result)
        self.success = meters.gauge(
            "pipeline_last_success_timestamp_seconds", "When a step last succeeded", "step"
        )
        self.success.labels(step=self.name).set(time.time())
        freshness = meters.gauge(
            "dataset_freshness_seconds", "Age of the newest record in a dataset", "dataset"
        )
        freshness.labels(dataset=self.dataset).set_function(lambda: time.time() - self.newest)
        self.rows = meters.gauge("dataset_rows", "Rows of the newest batch", "dataset")
        self.nulls = meters.gauge("dataset_null_share", "Empty fields, newest batch", "dataset")
        self.version = meters.gauge("dataset_schema_version", "Schemas seen so far", "dataset")
        self.schema = meters.gauge(
            "dataset_schema_info", "The newest schema", "dataset", "fingerprint"
        )
        self.version.labels(dataset=self.dataset).set(self.memory.get("schema_version", 1))

    @abstractmethod
    async def once(self) -> None:
        """One run. Raises Blocked when a batch cannot be processed."""

    def rewind(self, records: list[Record]) -> None:
        """Look at these records again at the next run."""

    async def run(self) -> None:
        due = time.monotonic()
        while True:
            due = max(due + self.replica.setting("every_seconds", 5), time.monotonic())
            if not self.replica.wish.paused:
                await self.attempt()
            await asyncio.sleep(max(0.2, due - time.monotonic()))

    async def attempt(self) -> None:
        """Run once and tell how it went; what failed stays where it is, for the next run."""
        TRACE.set(new_trace())
        log, began = self.replica.log, time.monotonic()
        try:
            async with asyncio.timeout(self.replica.setting("step_timeout_ms", 20000) / 1000):
                await self.replica.ailments.stall()
                self.replica.quota.claim(
                    0 if self.replica.quota.used < self.replica.quota.limit else 1
                )
                async with self.busy:
                    await self.once()
        except Exception as error:  # whatever it was, the step tries again at its next turn
            self.blocked = error if isinstance(error, Blocked) else None
            self.runs.labels(step=self.name, result="error").inc()
            reason = error.strerror if isinstance(error, OSError) else str(error)
            log.error(f"{self.name} failed: {reason or type(error).__name__}")
            return
        self.blocked = None
        self.runs.labels(step=self.name, result="ok").inc()
        self.success.labels(step=self.name).set(time.time())
        log.info(f"{self.name} succeeded", ms=round((time.monotonic() - began) * 1000))

    def describe(self, rows: int, null_share: float, columns: list[tuple[str, str]]) -> None:
        """Tell of the newest batch: size, holes, shape."""
        self.rows.labels(dataset=self.dataset).set(rows)
        self.nulls.labels(dataset=self.dataset).set(null_share)
        mark = schema_fingerprint(columns)
        if mark != self.memory.get("schema", mark):
            names = ", ".join(sorted(name for name, _ in columns))
            self.replica.log.warning(f"the schema of {self.dataset} changed: it has now {names}")
            self.memory.put(schema_version=self.memory.get("schema_version", 1) + 1)
        self.memory.put(schema=mark, newest=self.newest)
        self.version.labels(dataset=self.dataset).set(self.memory.get("schema_version", 1))
        self.schema.clear()
        self.schema.labels(dataset=self.dataset, fingerprint=mark).set(1)

    @property
    def skipped(self) -> set[int]:
        """Ids of the records that were set aside."""
        return set(self.memory.get("skipped", []))

    def details(self) -> dict[str, str]:
        if self.blocked is None:
            return {}
        return {
            "blocked_batch": self.blocked.batch,
            "blocked_records": ",".join(str(record["id"]) for record in self.blocked.records),
            "blocked_error": str(self.blocked),
        }

    async def command(self, name: str, arguments: dict[str, Any]) -> dict[str, str]:
        if name == "quarantine":
            return self.set_aside(arguments["quarantine"], arguments.get("record"))
        if name == "restore":
            return self.put_back(arguments["quarantine"])
        if name == "forget":
            gone = {int(number) for number in arguments["records"].split(",")}
            self.memory.put(skipped=sorted(self.skipped | gone))
            return {}
        if name == "empty":
            for path in self.folder.glob("batch-*.parquet"):
                path.unlink(missing_ok=True)
            self.memory.put(skipped=[])
            self.empty()
            self.blocked = None
            return {}
        raise KeyError(name)

    def empty(self) -> None:
        """Forget what lies behind; begin with what comes now."""

    def place(self, name: str) -> Path:
        return quarantine.folder(self.replica.wiring.home, name) / "records.json"

    def set_aside(self, name: str, wanted: str | None) -> dict[str, str]:
        """Move the records that block this step to quarantine. Raises ValueError if none does."""
        path = self.place(name)
        if not path.exists():
            if self.blocked is None or not self.blocked.records:
                raise ValueError("no record blocks it just now")
            asked = {part.strip() for part in wanted.split(",")} if wanted else None
            taken = [r for r in self.blocked.records if asked is None or str(r["id"]) in asked]
            if not taken:
                raise ValueError(f"record {wanted} does not block it")
            listed = {"step": self.name, "batch": self.blocked.batch, "records": taken}
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(listed, indent=1, default=str))
        held = json.loads(path.read_text())
        ids = [int(record["id"]) for record in held["records"]]
        self.memory.put(skipped=sorted(self.skipped | set(ids)))
        self.replica.log.warning(f"records {ids} were set aside as {name}")
        return {
            "quarantine": name,
            "records": ",".join(str(number) for number in ids),
            "batch": str(held["batch"]),
        }

    def put_back(self, name: str) -> dict[str, str]:
        """Undo it: the step meets these records again. Raises ValueError if there are none."""
        path = self.place(name)
        if not path.exists():
            raise ValueError(f"there is no quarantine {name}")
        held = json.loads(path.read_text())
        ids = {int(record["id"]) for record in held["records"]}
        self.memory.put(skipped=sorted(self.skipped - ids))
        self.rewind(held["records"])
        shutil.move(path, path.with_name("restored.json"))
        return {"restored": str(len(ids))}
