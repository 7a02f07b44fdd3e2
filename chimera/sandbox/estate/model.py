"""The demand model: what an order of a product is worth, learnt from orders, and how far orders moved."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from chimera.sandbox.estate.lake import read
from chimera.sandbox.estate.products import PRICES, SKUS, WEIGHTS

Floats = NDArray[np.float64]
BINS = 5
FEW = 0.5  # orders that an empty bin counts as, so that its logarithm is finite


@dataclass(frozen=True)
class Orders:
    """What a model learns from: product, value in euro and time (Unix seconds) of each order."""

    skus: tuple[str, ...]
    values: Floats
    times: Floats

    def __len__(self) -> int:
        return len(self.skus)

    def where(self, chosen: NDArray[np.bool_]) -> Orders:
        kept = tuple(sku for sku, yes in zip(self.skus, chosen, strict=True) if yes)
        return Orders(kept, self.values[chosen], self.times[chosen])


def made_up(seed: int, orders: int = 3000) -> Orders:
    """Synthetic orders of the shape that customers make, of no particular time."""
    chance = random.Random(seed)
    skus = chance.choices(SKUS, WEIGHTS, k=orders)
    values = np.array([PRICES[sku] * chance.randint(1, 4) for sku in skus])
    return Orders(tuple(skus), values, np.zeros(orders))


class Model:
    """A ridge over products and their list prices; with few orders the price tells most.

    Its encoder is strict: a product it does not know is an error, not a silent zero.
    """

    def __init__(self, number: int, orders: Orders) -> None:
        self.number = number
        self.known = frozenset(SKUS)
        encoder = OneHotEncoder(categories=[sorted(self.known)], handle_unknown="error")
        columns = make_column_transformer((encoder, [0]), ("passthrough", [1]))
        self._fitted: Any = make_pipeline(columns, Ridge(alpha=10.0))
        self._fitted.fit(features(orders.skus), orders.values)
        self.deviation = float(np.std(orders.values - self.predict(orders.skus)))
        self._edges = np.quantile(orders.values, np.linspace(0, 1, BINS + 1)[1:-1])
        self._shares = self._binned(orders.values)
        self.since = float(orders.times.min())  # older orders are of another time than its own

    def predict(self, skus: tuple[str, ...]) -> Floats:
        """The value of each order, in euro. Raises ValueError for a product it does not know."""
        return np.asarray(self._fitted.predict(features(skus)), dtype=np.float64)

    def error(self, orders: Orders) -> float:
        """Root of the mean squared error, in euro."""
        return math.sqrt(float(np.mean((orders.values - self.predict(orders.skus)) ** 2)))

    def drift(self, orders: Orders) -> float:
        """How far the orders' mean is from what was predicted, in deviations of one order."""
        return abs(float(np.mean(orders.values - self.predict(orders.skus)))) / self.deviation

    def stability(self, orders: Orders) -> float:
        """Population stability index of the orders' values against those it was trained on.

        Sum of (now - then) * ln(now / then) over fifths; from .25 on another population.
        """
        now = self._binned(orders.values)
        return float(np.sum((now - self._shares) * np.log(now / self._shares)))

    def _binned(self, values: Floats) -> Floats:
        counts = np.bincount(np.searchsorted(self._edges, values), minlength=BINS).astype(float)
        return np.asarray(np.maximum(counts, FEW) / np.maximum(counts, FEW).sum())


def features(skus: tuple[str, ...]) -> NDArray[np.object_]:
    """Product and list price, one row an order."""
    return np.array([[sku, PRICES.get(sku, 0.0)] for sku in skus], dtype=object)


def keep(path: Path, orders: Orders) -> None:
    """A model is what it was trained on: kept so, it is the same again after a restart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({"sku": orders.skus, "value": orders.values, "placed_at": orders.times})
    draft = path.with_suffix(".part")
    pq.write_table(table, draft)
    draft.replace(path)


def kept(path: Path) -> Orders:
    table = read(path)
    return Orders(
        tuple(table.column("sku").to_pylist()),
        np.asarray(table.column("value")),
        np.asarray(table.column("placed_at")),
    )
