"""The figures of an evaluation: shares with intervals, wrong orders, time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from chimera.bench.evaluation.judge import Verdict

Z = 1.96  # 95 %


def interval(right: int, of: int) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson, 1927)."""
    if not of:
        return 0.0, 1.0
    share, spread = right / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def summary(runs: Sequence[Sequence[Verdict]], model: str | None = None) -> dict[str, Any]:
    """All figures. A case counts as right when it was right in every run. `model`: the one that was asked."""
    every = list(zip(*runs, strict=True))
    tags = sorted({tag for verdicts in every for tag in verdicts[0].case.tags})
    groups = {"all": every, **{t: [v for v in every if t in v[0].case.tags] for t in tags}}
    times = sorted(v.seconds for run in runs for v in run)
    return {
        **who(runs, model),
        "runs": len(runs),
        "cases": len(every),
        "groups": {name: group(found) for name, found in groups.items()},
        "each_run": [sum(v.right for v in run) / max(len(run), 1) for run in runs],
        "wrong_orders": sum(len(v.wrong_orders) for run in runs for v in run),
        "seconds": {
            "median": times[len(times) // 2] if times else None,
            "p95": times[min(int(len(times) * 0.95), len(times) - 1)] if times else None,
        },
        "failed": [
            row(v) for v in (next((x for x in vs if not x.right), None) for vs in every) if v
        ],
    }


def who(runs: Sequence[Sequence[Verdict]], model: str | None) -> dict[str, Any]:
    """Who answered: the rules, or a model, of which version, told what, at which cost."""
    made = [one for run in runs for verdict in run for one in verdict.made]
    answered = [one for one in made if not one.instead]
    return {
        "planner": "model" if model else "rules",
        "model": ", ".join(sorted({one.model for one in made})) or model,
        "prompts": sorted({one.prompt for one in made}),
        "turns": {"model": len(answered), "rules_instead": len(made) - len(answered)},
        "tokens": sum(one.tokens_in + one.tokens_out for one in made),
        "money": sum(one.money for one in made),
    }


def group(found: Sequence[Sequence[Verdict]]) -> dict[str, Any]:
    right = sum(all(v.right for v in verdicts) for verdicts in found)
    low, high = interval(right, len(found))
    share = right / len(found) if found else None
    return {"cases": len(found), "right": right, "share": share, "low": low, "high": high}


def row(verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.case.id,
        "tags": list(verdict.case.tags),
        "wrong": [*verdict.wrong, *(f"wrong order: {o}" for o in verdict.wrong_orders)],
        "kind": verdict.kind,
        "tools": list(verdict.tools),
        "answer": verdict.answer,
    }
