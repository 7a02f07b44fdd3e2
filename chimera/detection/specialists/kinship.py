"""Who goes with whom in a group, and how far its members are from going together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled

LONE = 0.1  # share of its scatter that each is taken to have for itself alone
SWEEPS = 8  # rounds in which what is missing is filled in


@compiled
def invert(matrix: Any, inverse: Any, size: int) -> None:
    """The inverse of a symmetric positive definite matrix, through Cholesky's factor in its place."""
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = math.sqrt(max(total, 1e-9)) if i == j else total / matrix[j, j]
    for column in range(size):
        for i in range(size):
            total = 1.0 if i == column else 0.0
            for k in range(i):
                total -= matrix[i, k] * inverse[k, column]
            inverse[i, column] = total / matrix[i, i]
        for i in range(size - 1, -1, -1):
            total = inverse[i, column]
            for k in range(i + 1, size):
                total -= matrix[k, i] * inverse[k, column]
            inverse[i, column] = total / matrix[i, i]


@compiled
def look_again(records: Any, rows: Any, matrix: Any, inverse: Any) -> None:
    """Learn anew who goes with whom."""
    size = len(rows)
    for i in range(size):
        own = math.sqrt(max(np.float64(records[rows[i]].common[i]), 1e-6))
        for j in range(size):
            other = math.sqrt(max(np.float64(records[rows[j]].common[j]), 1e-6))
            matrix[i, j] = (1.0 - LONE) * records[rows[i]].common[j] / (own * other)
        matrix[i, i] = 1.0
    invert(matrix, inverse, size)
    for i in range(size):
        for j in range(size):
            records[rows[i]].inverse[j] = inverse[i, j]


@compiled
def measure(inverse: Any, z: Any, pull: Any, there: Any, size: int) -> float:
    """The squared distance; `pull` becomes the inverse times `z`, with what is missing filled in."""
    for _ in range(SWEEPS):
        full = True
        for i in range(size):
            if there[i]:
                continue
            full = False
            total = 0.0
            for j in range(size):
                if j != i:
                    total += inverse[i, j] * z[j]
            z[i] = -total / inverse[i, i]
        if full:
            break
    distance = 0.0
    for i in range(size):
        total = 0.0
        for j in range(size):
            total += inverse[i, j] * z[j]
        pull[i] = total
        distance += total * z[i]
    return distance
