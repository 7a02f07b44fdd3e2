"""The models there are, and which one is in force: remembered over a restart, switched by its number."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chimera.sandbox.estate.lake import Memory
from chimera.sandbox.estate.model import Model, Orders, keep, kept
from chimera.sandbox.estate.training import train

Said = dict[str, str]
FIRST = 1


class Registry:
    """Model 1 was trained on `first`, before the estate began; each later one has a file."""

    def __init__(self, folder: Path, memory: Memory, first: Orders) -> None:
        self.folder, self.memory, self.first = folder, memory, first

    def load(self) -> None:
        """Train the model in force again on what it was trained on: it is the same."""
        self.model = self.made(int(self.memory.get("model", FIRST)))

    def file(self, number: int) -> Path:
        return self.folder / f"model-{number:05d}.parquet"

    def made(self, number: int) -> Model:
        """Raises ValueError if there is none of that number."""
        if number == FIRST:
            return Model(number, self.first)
        if not self.file(number).exists():
            raise ValueError(f"there is no model {number}")
        return Model(number, kept(self.file(number)))

    @property
    def since(self) -> float:
        """The time from which on orders tell of the model in force, Unix seconds."""
        return max(self.model.since, float(self.memory.get("judged_since", 0.0)))

    def change(self, name: str, words: dict[str, Any], recent: Callable[[], list[Orders]]) -> Said:
        """Another model, once for each key. Raises ValueError, Unavailable."""
        key = str(words["quarantine"])
        done: dict[str, Said] = self.memory.get("changed", {})
        if key in done:
            return done[key]
        before = self.model.number
        judged_since, said = 0.0, {}
        if name == "retrain_model":
            made = train(recent(), int(self.memory.get("models", FIRST)) + 1, self.model)
            keep(self.file(made.model.number), made.orders)
            self.model = made.model
            said = {
                "orders": str(len(made.orders)),
                "held_out": str(made.held_out),
                "held_out_error": f"{made.error:.1f}",
                "previous_held_out_error": f"{made.before:.1f}",
            }
        else:
            if not str(words.get("version", "")).isdigit():
                raise ValueError("a model is named by the number of its version")
            self.model = self.made(int(words["version"]))
            # Those who know that the orders of before do not count say so.
            judged_since = time.time() if words.get("fresh") == "true" else 0.0
        number = self.model.number
        said = {"version": str(number), "previous_version": str(before), **said}
        self.memory.put(
            model=number,
            models=max(number, int(self.memory.get("models", FIRST))),
            judged_since=judged_since,
            changed={**done, key: said},
        )
        return said

    def empty(self) -> None:
        """Back to the first model, and no other."""
        for path in self.folder.glob("model-*.parquet"):
            path.unlink(missing_ok=True)
        self.memory.put(model=FIRST, models=FIRST, judged_since=0.0)
        self.model = self.made(FIRST)
