"""What can be wrong with what a source sends: rows left out, fields left empty, rows sent again.

Pure functions of the rows and of their ids, so that an export that is asked for again answers the
same again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from chimera.sandbox.estate.rows import COLUMNS, Row

Numbers = dict[str, float]
FILLED = ("placed_at",)  # an extract without times would have no place in any batch


def chance(*what: float | str) -> float:
    """0 to 1, always the same for the same thing."""
    return random.Random("/".join(map(str, what))).random()


def hollow(rows: Sequence[Row], numbers: Numbers) -> list[Row]:
    """Of the orders `after` < id <= `until` one in `every` is left, with a share of fields `empty`."""
    return [
        emptied(row, numbers) if concerns(row, numbers) else row
        for row in rows
        if not concerns(row, numbers) or (row["id"] + numbers["seed"]) % numbers["every"] == 0
    ]


def concerns(row: Row, numbers: Numbers) -> bool:
    return bool(numbers["after"] < row["id"] <= numbers["until"])


def emptied(row: Row, numbers: Numbers) -> Row:
    names = [name for name in COLUMNS if name not in FILLED]
    gone = {n for n in names if chance(numbers["seed"], row["id"], n) < numbers["empty"]}
    return {name: None if name in gone else value for name, value in row.items()}


def replayed(rows: Sequence[Row], again: Sequence[Row], numbers: Numbers) -> list[Row]:
    """Right after the order `until`, those before it are sent once more, `times` times."""
    first = [row for row in rows if row["id"] <= numbers["until"]]
    return [*first, *(list(again) * int(numbers["times"])), *rows[len(first) :]]


def crosses(rows: Sequence[Row], after: int, numbers: Numbers) -> bool:
    """Whether an export that begins after an id comes by the point at which it replays."""
    return bool(rows) and after < numbers["until"] <= int(rows[-1]["id"])
