"""A member that parts from its group: a service's series together, not each by itself."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from chimera.detection.base import Block, Floats
from chimera.detection.engine.compiled import compiled
from chimera.detection.specialists.base import Reasons, Specialist, members
from chimera.detection.specialists.hush import trusted
from chimera.detection.specialists.kinship import look_again, measure
from chimera.detection.specialists.past import BINS, learn, rarity
from chimera.detection.specialists.records import record

MOST = 24  # members; a larger group is cut into even parts
MEMORY = 1000.0  # samples over which means, scatter and kinship are remembered
CLIP = 3.0  # deviations beyond this are a spike, which is seen without any group
REFRESH = 32  # samples between two looks at who goes with whom
FEW = 10  # samples for each member before anything is said
TRUST = 400.0


class Group(Specialist):
    """The distance of all members together from how they usually go together (Hotelling's T²).

    Each member is put in units of its own scatter; how they move together is learned as a
    correlation matrix with a share of each one's own (`LONE`) in it. The distance takes what they
    have in common out: all of a service's series rising with its traffic are near, one that stays
    behind is far, though its value is an ordinary one. The member told is the one least like what
    the others make of it. A missing value is taken to be what the others make of it.
    """

    name = "group"
    record = record(
        ("mean", np.float64),
        ("variance", np.float64),
        ("samples", np.int64),
        ("company", np.int64),  # whom the group is made of: another company starts afresh
        ("turns", np.int64),  # of the group, kept by its first row as is what follows
        ("known", np.int64),
        ("ready", np.int64),
        ("common", np.float32, MOST),  # this member's row of the correlation matrix
        ("inverse", np.float64, MOST),  # and of its inverse when last looked at
        ("counts", np.uint16, (1, BINS)),
    )

    def units(self, block: Block) -> npt.NDArray[np.intp]:
        """Rows of one service go together; those of a large one in parts as even as can be."""
        rows: dict[str, list[int]] = {}
        for row, key in enumerate(block.keys):
            rows.setdefault(key.service, []).append(row)
        units = np.empty(len(block.keys), np.intp)
        number = 0
        for of in rows.values():
            for part in np.array_split(np.array(of), -(-len(of) // MOST)):
                units[part] = number
                number += 1
        return units

    def run(self, block: Block, values: Floats, records: Any, raw: Floats, why: Reasons) -> None:
        order, starts = members(self.units(block))
        for unit in range(len(starts) - 1):
            rows = order[starts[unit] : starts[unit + 1]]
            if len(rows) > 1:
                company = _company(block, rows)
                together(values, rows, company, records, raw, why.seen, why.usual, why.back)

    def words(self, seen: float, usual: float, back: float, step: timedelta) -> str:
        return f"is {seen:.4g} where the series it goes with would have it near {usual:.4g}"


def _company(block: Block, rows: npt.NDArray[np.intp]) -> int:
    """A number for who is in a group, the same in every process."""
    from zlib import crc32

    return crc32(repr([block.keys[row].identity for row in rows]).encode()) + 1


@compiled
def together(
    values: Any, rows: Any, company: int, records: Any, raw: Any, seen: Any, usual: Any, back: Any
) -> None:
    """Go through the values of one group; see `Specialist.run`."""
    size = len(rows)
    matrix, inverse = np.zeros((MOST, MOST)), np.zeros((MOST, MOST))
    z, pull = np.zeros(size), np.zeros(size)
    there = np.zeros(size, np.bool_)
    first = records[rows[0]]
    if first.company != company:
        for row in rows:
            one = records[row]
            one.mean = one.variance = 0.0
            one.samples = one.turns = one.known = one.ready = 0
            one.common[:] = 0.0
            one.counts[:] = 0
            one.company = company
    if first.ready:
        for i in range(size):
            for j in range(size):
                inverse[i, j] = records[rows[i]].inverse[j]
    for column in range(values.shape[1]):
        present = 0
        for i in range(size):
            one, x = records[rows[i]], values[rows[i], column]
            there[i] = np.isfinite(x)
            z[i] = 0.0
            if not there[i]:
                continue
            present += 1
            scale = math.sqrt(one.variance)
            off = min(max(x, -1e150), 1e150) - one.mean
            limit = CLIP * scale if one.samples >= FEW else abs(off)
            step = min(max(off, -limit), limit)
            if scale > 1e-9 * abs(one.mean):
                z[i] = min(max(off / scale, -CLIP), CLIP)
            if one.samples == FEW and scale <= 1e-9 * abs(one.mean):
                step = off
            one.samples = min(one.samples + 1, MEMORY)
            share = 1.0 / one.samples
            one.mean += share * step
            one.variance += share * (step * step * (1.0 - share) - one.variance)
        if present < 2:
            continue
        if first.ready:
            distance = measure(inverse, z, pull, there, size)
            worst, most = -1, 0.0
            for i in range(size):
                if there[i] and pull[i] * pull[i] / inverse[i, i] > most:
                    worst, most = i, pull[i] * pull[i] / inverse[i, i]
            size_of = distance / present
            found = rarity(first.counts[0], first.known, size_of, 0.02)
            first.known = learn(first.counts, first.known, 0, size_of)
            if worst >= 0:
                row = rows[worst]
                one = records[row]
                raw[row, column] = found * trusted(float(first.known), TRUST)
                if seen.size:
                    seen[row, column] = values[row, column]
                    gap = pull[worst] / inverse[worst, worst] * math.sqrt(one.variance)
                    usual[row, column] = values[row, column] - gap
        first.turns += 1
        share = max(1.0 / first.turns, 1.0 / MEMORY)
        for i in range(size):
            common = records[rows[i]].common
            for j in range(size):
                if there[i] and there[j]:
                    common[j] += share * (z[i] * z[j] - common[j])
        if first.turns >= FEW * size and first.turns % REFRESH == 0:
            look_again(records, rows, matrix, inverse)
            first.ready = 1
