"""What is tried: which fault, where, how strongly; and what is true about it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

from chimera.domain import FaultKind, NotFound, Refused
from chimera.domain.base import Value
from chimera.sandbox.faults.base import Fault

QUICK = ("slow_release", "config_errors", "cpu_hog", "poison_record", "revoked_credential")
FAST_SECONDS, SLOW_SECONDS, SECOND_TRY_SECONDS = 150.0, 220.0, 260.0
HARMLESS_SECONDS = 60.0  # watched when nothing may happen


class Part(Value):
    """One trouble of a case: what is truly wrong, and what mends it."""

    target: str
    kinds: tuple[FaultKind, ...]  # any of them is true
    repair: str | None

    def __str__(self) -> str:
        return f"{'/'.join(self.kinds)} of {self.target}"


class Case(Value):
    """One injection. Without parts nothing is wrong and nothing may be repaired."""

    fault: str
    target: str
    magnitude: float
    seed: int
    duration: float | None = None  # seconds, the fault's own if not given
    slow: bool = False
    parts: tuple[Part, ...] = ()
    limit: float = FAST_SECONDS  # seconds that Chimera has
    watch: float = 0.0  # watched for exactly so long, if not 0

    @property
    def key(self) -> str:
        return f"{self.fault}/{self.target}/{self.magnitude:g}/{self.seed}"


def parts_of(fault: Fault, target: str) -> tuple[Part, ...]:
    """The truth, as the fault documents it.

    Several repairs are several troubles, each with its cause; several causes with one repair are
    two true names of one trouble.
    """
    if not fault.is_fault:
        return ()
    causes, repairs = fault.causes(target), fault.repairs(target)
    if len(repairs) > 1:
        pairs = zip(causes, repairs, strict=True)
        return tuple(Part(target=c.target, kinds=(c.kind,), repair=r) for c, r in pairs)
    repair = repairs[0] if repairs else None
    kinds = tuple(cause.kind for cause in causes)
    return (Part(target=causes[0].target, kinds=kinds, repair=repair),)


def case_of(
    fault: Fault,
    seed: int,
    target: str | None = None,
    magnitude: float | None = None,
    duration: float | None = None,
) -> Case:
    """Seed 1 is the fault's own target and magnitude 1; other seeds draw from its ranges."""
    chance = random.Random(f"{fault.name}/{seed}")
    low, high = fault.magnitudes
    if target is None:
        target = fault.targets[0] if seed == 1 else chance.choice(fault.targets)
    if magnitude is None:
        magnitude = 1.0 if seed == 1 else round(_between(chance, low, high), 2)
    if target not in fault.targets:
        raise NotFound(f"{fault.name} has no target {target!r}; it has {', '.join(fault.targets)}")
    if not low <= magnitude <= high:
        raise Refused(f"{fault.name} has magnitudes from {low:g} to {high:g}, not {magnitude:g}")
    parts = parts_of(fault, target)
    limit = SLOW_SECONDS if fault.slow else FAST_SECONDS
    if fault.name == "two_changes":  # the wrong one may be tried and undone first
        limit = SECOND_TRY_SECONDS
    return Case(
        fault=fault.name,
        target=target,
        magnitude=magnitude,
        seed=seed,
        duration=duration,
        slow=fault.slow,
        parts=parts,
        limit=limit,
        watch=0.0 if parts else HARMLESS_SECONDS,
    )


def _between(chance: random.Random, low: float, high: float) -> float:
    """Twice as strong is as far as half as strong."""
    if low <= 0:
        return chance.uniform(low, high)
    return math.exp(chance.uniform(math.log(low), math.log(high)))


def names_in(known: dict[str, Fault], table: str) -> list[str]:
    """The faults of one set, or of `all`, by name. Raises NotFound."""
    sets = {fault.set for fault in known.values()}
    if table not in (*sets, "all"):
        raise NotFound(f"there is no set {table!r}; there are {', '.join(sorted(sets))} and all")
    return sorted(name for name, fault in known.items() if table in (fault.set, "all"))


def table_of(known: dict[str, Fault], names: Iterable[str], seeds: Iterable[int]) -> list[Case]:
    """Every fault with every seed; seed by seed, so that a run cut short has seen every fault."""
    names = list(names)
    return [case_of(known[name], seed) for seed in seeds for name in names]
