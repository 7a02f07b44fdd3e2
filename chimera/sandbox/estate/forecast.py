"""Pipeline, third step: a model that was trained on orders scores what was curated of late."""

from __future__ import annotations

import asyncio
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from chimera.sandbox.estate.desired import write_whole
from chimera.sandbox.estate.lake import batches, read
from chimera.sandbox.estate.model import Model, Orders, made_up
from chimera.sandbox.estate.registry import Registry
from chimera.sandbox.estate.step import Blocked, Record, Step

WINDOW = 12  # newest batches that are scored: about a minute
ENOUGH = 60  # orders; of fewer the drift is noise
MODEL = "demand"


class Forecast(Step):
    """Predicts what each product brings; drift is how far the orders have moved away from that."""

    name = "forecast"
    dataset = "demand_forecast"

    async def open(self) -> None:
        gauge = self.replica.meters.gauge
        self.drift = gauge(
            "model_prediction_drift", "Distance of orders from predictions, in deviations", "model"
        )
        self.stability = gauge(
            "model_population_stability_index", "Orders' values against those trained on", "model"
        )
        self.in_force = gauge("model_info", "The model in force", "model", "version")
        first = made_up(self.replica.wiring.seed)
        self.registry = Registry(self.replica.quota.folder / "models", self.memory, first)
        await asyncio.to_thread(self.registry.load)
        self.begin()

    @property
    def model(self) -> Model:
        return self.registry.model

    def begin(self) -> None:
        """A model in force that no order speaks against yet."""
        self.show()
        self.drifted = 0.0
        self.drift.labels(model=MODEL).set(0)
        self.stability.labels(model=MODEL).set(0)

    def show(self) -> None:
        """Tell which model is in force, and how it fits the newest orders, if there are enough."""
        self.in_force.clear()
        self.in_force.labels(model=MODEL, version=str(self.model.number)).set(1)
        self.drifted = math.nan
        self.drift.clear()
        self.stability.clear()

    @property
    def curated(self) -> Path:
        return self.replica.wiring.home / "data" / "transform-0" / "curated_orders"

    async def once(self) -> None:
        await asyncio.to_thread(self.score)

    def due(self) -> list[tuple[int, Path]]:
        """The newest batches, and older ones that were never scored: none is passed over."""
        there = batches(self.curated)
        done = self.memory.get("batch", None)
        unscored = 0 if done is None else sum(number > done for number, _ in there)
        return there[-max(WINDOW, unscored) :]

    def read(self, number: int, path: Path) -> list[Record]:
        """The orders of a batch but those set aside."""
        rows = [{**row, "batch": number} for row in read(path).to_pylist()]
        return [row for row in rows if row["id"] not in self.skipped]

    def score(self) -> None:
        """Score the newest orders and publish the forecast. Raises Blocked."""
        rows = [row for number, path in self.due() for row in self.read(number, path)]
        if not rows or max(row["placed_at"] for row in rows) <= self.memory.get("scored", 0.0):
            return
        orders = as_orders(rows)
        try:
            predicted = self.model.predict(orders.skus)
        except ValueError as error:
            bad = [plain(row) for row in rows if row["sku"] not in self.model.known]
            raise Blocked(
                f"batch {bad[0]['batch']}: {error} (order {bad[0]['id']})" if bad else str(error),
                str(bad[0]["batch"]) if bad else "",
                bad,
            ) from None
        self.watch(orders)
        self.publish(rows, [float(value) for value in predicted])
        self.memory.put(batch=rows[-1]["batch"])

    def watch(self, orders: Orders) -> None:
        """How well the model in force fits the orders of its own time."""
        own = orders.where(orders.times >= self.registry.since)
        if len(own) >= ENOUGH:
            self.drifted = self.model.drift(own)
            self.drift.labels(model=MODEL).set(self.drifted)
            self.stability.labels(model=MODEL).set(self.model.stability(own))

    def publish(self, rows: list[Record], predicted: list[float]) -> None:
        self.newest = max(float(row["placed_at"]) for row in rows)
        totals: dict[str, float] = {}
        for row, value in zip(rows, predicted, strict=True):
            totals[row["sku"]] = totals.get(row["sku"], 0.0) + value
        product: dict[str, Any] = {
            "made": time.time(),
            "newest": self.newest,
            "revenue": round(math.fsum(float(row["amount"]) for row in rows), 2),
            "orders": len(rows),
            "demand": {sku: round(value, 2) for sku, value in sorted(totals.items())},
        }
        text = json.dumps(product)
        self.replica.quota.claim(0)
        write_whole(self.folder / "latest.json", text)
        self.memory.put(scored=self.newest)
        self.describe(len(totals), 0.0, [("sku", "string"), ("value", "double")])

    async def command(self, name: str, arguments: dict[str, Any]) -> dict[str, str]:
        if name not in ("retrain_model", "set_model"):
            return await super().command(name, arguments)
        async with self.busy:
            said = await asyncio.to_thread(self.registry.change, name, arguments, self.recent)
            if arguments.get("fresh") == "true":
                self.begin()
            else:
                self.show()
                self.memory.put(scored=0.0)  # the newest orders are scored again, by this model
                await self.once()
        self.replica.log.warning(f"{name}: {json.dumps(said)}")
        return said

    def recent(self) -> list[Orders]:
        """The batches that a model may learn from, oldest first: products that are sold."""
        found = [self.read(number, path) for number, path in batches(self.curated)]
        return [
            as_orders([row for row in rows if row["sku"] in self.model.known]) for rows in found
        ]

    def details(self) -> dict[str, str]:
        return {
            **super().details(),
            "model_version": str(self.model.number),
            "model_drift": f"{self.drifted:.2f}",  # nan: too few orders of its time to tell
        }

    def rewind(self, records: list[Record]) -> None:
        oldest = min((int(record.get("batch", 0)) for record in records), default=0)
        self.memory.put(scored=0.0, batch=oldest - 1)

    def empty(self) -> None:
        self.memory.put(scored=0.0, batch=None)
        self.registry.empty()
        self.begin()


def as_orders(rows: list[Record]) -> Orders:
    return Orders(
        tuple(str(row["sku"]) for row in rows),
        np.array([float(row["amount"]) for row in rows]),
        np.array([float(row["placed_at"]) for row in rows]),
    )


def plain(row: Record) -> Record:
    """A record as JSON can hold it."""
    return {
        key: value if isinstance(value, int | float) else str(value) for key, value in row.items()
    }


SERVICE = Forecast
