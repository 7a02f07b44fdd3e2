"""All verdicts together, as numbers and as the JSON file."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from statistics import median
from typing import Any

from chimera.bench.trial.judge import Verdict


def summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The scores of issue 3: fractions of real troubles, counts, the median delay.

    A real trouble that was not detected has an endless delay; a median that is endless is None.
    Slow faults have a lead time instead and stay out of the median.
    """
    real = [(v, part) for v in verdicts for part in v.parts]
    mendable = [part for _, part in real if part.repair]
    delays = [inf if p.delay is None else p.delay for v, p in real if not v.case.slow]
    leads = [v.lead for v in verdicts if v.lead is not None]
    slow = [v for v in verdicts if v.case.slow]
    middle = median(delays) if delays else None
    return {
        "top1": share([part.right for _, part in real]),
        "kind": share([part.kind_right for _, part in real]),
        "both": share([all(p.right for p in v.parts) for v in verdicts if len(v.parts) > 1]),
        "blast": share([not v.blast_wrong for v in verdicts if v.blast_wrong is not None]),
        "repaired": share([part.repaired for part in mendable]),
        "wrong_changes": sum(len(v.wrong_changes) for v in verdicts),
        "false_incidents": sum(v.false_incidents for v in verdicts),
        "detection_delay_intervals": None if middle in (None, inf) else middle,
        "detected": share([part.incident is not None for _, part in real]),
        "unwanted_orders": sum(v.unwanted_orders for v in verdicts),
        "lead_seconds": median(leads) if leads else None,
        "slow_users_never_hit": sum(not v.users_hit for v in slow),
        "slow_cases": len(slow),
        "cases": len(verdicts),
        "troubles": len(real),
        "repairable": len(mendable),
        "shaky": sum(v.shaky for v in verdicts),
    }


def share(hits: Sequence[bool]) -> float | None:
    """A fraction; None of nothing."""
    return round(sum(hits) / len(hits), 4) if hits else None


def row(verdict: Verdict) -> dict[str, Any]:
    """One case as the JSON file has it."""
    case, parts = verdict.case, verdict.parts
    delays = [part.delay for part in parts if part.delay is not None]
    return {
        "fault": case.fault,
        "target": case.target,
        "magnitude": case.magnitude,
        "seed": case.seed,
        "expected_cause": "; ".join(part.expected for part in parts) or "nothing",
        "named_cause": "; ".join(part.named for part in parts) or "nothing",
        "right_cause": all(part.right for part in parts) if parts else None,
        "expected_repair": "; ".join(part.repair or "none" for part in parts) or "none",
        "repair": "; ".join(part.outcome for part in parts),
        "outcome": outcome(verdict),
        "delay": min(delays) if delays else None,
        "lead_seconds": verdict.lead,
        "incidents": verdict.incidents,
        "false_incidents": verdict.false_incidents,
        "orders": verdict.orders,
        "unwanted_orders": verdict.unwanted_orders,
        "wrong_changes": list(verdict.wrong_changes),
        "blast_wrong": None if verdict.blast_wrong is None else list(verdict.blast_wrong),
        "seconds": round(verdict.seconds, 1),
        "shaky": verdict.shaky,
        "parts": [part.model_dump(mode="json") for part in parts],
    }


def outcome(verdict: Verdict) -> str:
    """How a case ended, in a word or two."""
    if not verdict.parts:
        return "left alone" if not verdict.orders else "ordered something"
    mendable = [part for part in verdict.parts if part.repair]
    mended = sum(part.repaired for part in mendable)
    if mendable and mended == len(mendable):
        return "repaired"
    if mended:
        return f"{mended} of {len(mendable)} repaired"
    if all(part.incident is None for part in verdict.parts):
        return "not detected"
    return "not repaired"
