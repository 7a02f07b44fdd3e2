"""Training anew: on the orders since they changed, and only if that serves better."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from chimera.domain import Unavailable
from chimera.sandbox.estate.model import Model, Orders

LOOKED_AT = 48  # newest batches, some four minutes
LEAST = 80  # orders to learn from
FOLDS = 3  # each third order in turn decides, and is not learnt from until it has
BETTER = 0.95  # of the error of the model in force: at most so much


@dataclass(frozen=True)
class Trained:
    """A model that was better than the one in force, on orders that neither had seen."""

    model: Model
    orders: Orders
    held_out: int
    error: float  # euro, root mean square, each order held out once
    before: float  # that of the model in force


def train(batches: list[Orders], number: int, now: Model) -> Trained:
    """A better model. `batches`, oldest first, hold products that the model knows.

    It learns from the orders since they changed but each third, and is judged by those, each third
    in turn: one third of so few orders is a matter of luck. Then it learns from all. Raises
    Unavailable as long as there are too few, ValueError if it is no better than the model in force.
    """
    looked_at = batches[-LOOKED_AT:]
    orders = joined(looked_at[changed(looked_at, now) :])
    if len(orders) < LEAST:
        why = f"{len(orders)} orders since they changed are too few to learn from; it takes {LEAST}"
        raise Unavailable("the forecast", "train a model", why)
    error, before = held_out(orders), now.error(orders)
    if error > BETTER * before:
        raise ValueError(
            f"a new model errs by {error:.1f} euro on orders held out and the one in force by "
            f"{before:.1f}; it stays"
        )
    return Trained(Model(number, orders), orders, len(orders), error, before)


def held_out(orders: Orders) -> float:
    """Root mean square error in euro of models that have not seen the orders they are judged by."""
    fold, squares = np.arange(len(orders)) % FOLDS, 0.0
    for each in range(FOLDS):
        unseen = orders.where(fold == each)
        squares += len(unseen) * Model(0, orders.where(fold != each)).error(unseen) ** 2
    return math.sqrt(squares / len(orders))


def changed(batches: list[Orders], now: Model) -> int:
    """The batch from which on the orders are another population, judged by the model's errors.

    The cut that leaves least variance within its two sides (one change, least squares).
    """
    counts = np.array([len(part) for part in batches])
    sums = np.array([(b.values - now.predict(b.skus)).sum() if len(b) else 0.0 for b in batches])
    n, s = np.cumsum(counts)[:-1], np.cumsum(sums)[:-1]
    there = (n > 0) & (n < counts.sum())
    if not there.any():
        return 0
    old, new = s / np.maximum(n, 1), (sums.sum() - s) / np.maximum(counts.sum() - n, 1)
    between = np.where(there, n * (counts.sum() - n) * (old - new) ** 2, -1.0)
    return int(np.argmax(between)) + 1


def joined(parts: list[Orders]) -> Orders:
    return Orders(
        tuple(sku for part in parts for sku in part.skus),
        np.concatenate([part.values for part in parts]) if parts else np.empty(0),
        np.concatenate([part.times for part in parts]) if parts else np.empty(0),
    )
