"""Pipeline, third step: a model trained at the start scores what was curated of late."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from chimera.sandbox.estate.desired import write_whole
from chimera.sandbox.estate.lake import batches
from chimera.sandbox.estate.products import PRICES, SKUS, WEIGHTS
from chimera.sandbox.estate.step import Blocked, Record, Step

WINDOW = 12  # newest batches that are scored: about a minute


def history(seed: int, orders: int = 3000) -> tuple[list[list[str]], list[float]]:
    """Synthetic orders of the shape that customers make: product, value in euro."""
    chance = random.Random(seed)
    skus = chance.choices(SKUS, WEIGHTS, k=orders)
    return [[sku] for sku in skus], [PRICES[sku] * chance.randint(1, 4) for sku in skus]


class Forecast(Step):
    """Predicts what each product brings; drift is how far the orders have moved away from that."""

    name = "forecast"
    dataset = "demand_forecast"

    async def open(self) -> None:
        await asyncio.to_thread(self.train)
        self.drift = self.replica.meters.gauge(
            "model_prediction_drift", "Distance of orders from predictions, in deviations", "model"
        )
        self.drift.labels(model="demand").set(0)

    def train(self) -> None:
        """A strict encoder: a product it has never met is an error, not a silent zero."""
        products, values = history(self.replica.wiring.seed)
        self.encoder = OneHotEncoder(handle_unknown="error")
        self.model = make_pipeline(self.encoder, Ridge(alpha=1.0))
        self.model.fit(products, values)
        self.deviation = float(np.std(np.asarray(values) - self.model.predict(products)))

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

    def score(self) -> None:
        """Score the newest orders and publish the forecast. Raises Blocked."""
        rows: list[Record] = []
        for number, path in self.due():
            rows += [{**row, "batch": number} for row in pq.read_table(path).to_pylist()]
        rows = [row for row in rows if row["id"] not in self.skipped]
        if not rows or max(row["placed_at"] for row in rows) <= self.memory.get("scored", 0.0):
            return
        known = set(self.encoder.categories_[0])
        try:
            predicted = self.model.predict([[row["sku"]] for row in rows])
        except ValueError as error:
            bad = [plain(row) for row in rows if row["sku"] not in known]
            raise Blocked(
                f"batch {bad[0]['batch']}: {error} (order {bad[0]['id']})" if bad else str(error),
                str(bad[0]["batch"]) if bad else "",
                bad,
            ) from None
        actual = np.asarray([float(row["amount"]) for row in rows])
        error_mean = abs(float(np.mean(actual - predicted)))
        # In deviations of a mean of so many orders, so that quiet hours do not look like drift.
        self.drift.labels(model="demand").set(error_mean / self.deviation)
        self.publish(rows, [float(value) for value in predicted])
        self.memory.put(batch=rows[-1]["batch"])

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

    def rewind(self, records: list[Record]) -> None:
        oldest = min((int(record.get("batch", 0)) for record in records), default=0)
        self.memory.put(scored=0.0, batch=oldest - 1)

    def empty(self) -> None:
        self.memory.put(scored=0.0, batch=None)


def plain(row: Record) -> Record:
    """A record as JSON can hold it."""
    return {
        key: value if isinstance(value, int | float) else str(value) for key, value in row.items()
    }


SERVICE = Forecast
