"""The Prometheus rules of service levels: recorded shares of bad events, and alerts on burn rates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from chimera.domain.objectives import Objective
from chimera.platform.slo.burn import Burn, burns, spelled
from chimera.platform.slo.expressions import bad_share

HEADER = "# Written by `chimera slo rules`: changes made here are lost.\n"
RECORDED = "chimera_slo:bad_share:"
HOUR, SLOWEST = 3600.0, 60.0  # seconds; longer spans are evaluated once a minute
NAMES = {"page": "SloBurnsFast", "ticket": "SloBurnsSlowly"}


def slo_rules(objectives: Iterable[Objective], interval: float) -> str:
    """A rule file, as YAML; `interval` is the scrape interval in seconds."""
    groups = [group for slo in objectives for group in groups_of(slo, interval)]
    return HEADER + yaml.safe_dump({"groups": groups}, sort_keys=False, width=100)


def groups_of(slo: Objective, interval: float) -> list[dict[str, Any]]:
    """One group for each pace of evaluation: long windows need no look at every scrape."""
    conditions = burns(slo, interval)
    groups: dict[float, list[dict[str, Any]]] = {}
    for span in sorted({span for burn in conditions for span in (burn.long, burn.short)}):
        pace = interval if span < HOUR else max(interval, SLOWEST)
        groups.setdefault(pace, []).append(
            {
                "record": RECORDED + spelled(span),
                "expr": bad_share(slo, span, interval),
                "labels": labels(slo),
            }
        )
    first = min(groups, default=interval)
    for severity in ("page", "ticket"):
        these = [burn for burn in conditions if burn.severity == severity]
        if these:
            groups.setdefault(first, []).append(alert(slo, severity, these))
    if conditions:
        groups.setdefault(first, []).append(no_data(slo, conditions))
    return [
        {
            "name": f"slo-{slo.name}-{spelled(pace)}",
            "interval": spelled(pace),
            "rules": rules,
        }
        for pace, rules in sorted(groups.items())
    ]


def alert(slo: Objective, severity: str, conditions: list[Burn]) -> dict[str, Any]:
    """Any of the conditions: too fast over its long window, and still so over the short one."""
    name = f'{{slo="{slo.name}"}}'
    either = [
        f"({RECORDED}{spelled(b.long)}{name} > {b.threshold(slo):.10g} "
        f"and {RECORDED}{spelled(b.short)}{name} > {b.threshold(slo):.10g})"
        for b in conditions
    ]
    slowest = min(b.rate for b in conditions)
    return {
        "alert": NAMES[severity],
        "expr": "\nor\n".join(either),
        "labels": {"severity": severity, **labels(slo)},
        "annotations": {
            "summary": f"{slo.name} burns its error budget at least {slowest:g} times too fast: "
            "{{ $value | humanizePercentage }} of its events are bad, "
            f"{percent(slo.budget)} may be.",
            "remedy": f"Ask `chimera slo budget {slo.name}` what is left of it.",
        },
    }


def no_data(slo: Objective, conditions: tuple[Burn, ...]) -> dict[str, Any]:
    """Nothing is measured: neither kept nor broken, and somebody should know."""
    longest = max(b.short for b in conditions)
    return {
        "alert": "SloNotMeasured",
        "expr": f'absent({RECORDED}{spelled(longest)}{{slo="{slo.name}"}} >= 0)',
        "for": spelled(longest),
        "labels": {"severity": "ticket", **labels(slo)},
        "annotations": {
            "summary": f"{slo.name} is not measured: no events were seen.",
            "remedy": "See whether its metrics are scraped and its indicator names them rightly.",
        },
    }


def labels(slo: Objective) -> dict[str, str]:
    return {"slo": slo.name, "service": slo.node} | ({"owner": slo.owner} if slo.owner else {})


def percent(share: float) -> str:
    return f"{share * 100:.6g} %"
