"""How fast is too fast: burn rates over two windows each, from the SRE Workbook, chapter 5.

A burn rate of 1 spends the whole error budget exactly within the objective's window. The long
window says that it matters, the short one that it still goes on. The workbook's windows are for 30
days; for another window they shrink or grow with it, so that each alert stands for the same share
of the budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chimera.domain.objectives import Objective

MONTH = 30 * 86400.0
TABLE: tuple[tuple[float, float, float, Literal["page", "ticket"]], ...] = (
    (14.4, 3600.0, 300.0, "page"),
    (6.0, 6 * 3600.0, 1800.0, "page"),
    (3.0, 86400.0, 7200.0, "ticket"),
    (1.0, 3 * 86400.0, 6 * 3600.0, "ticket"),
)
SHORTEST = 4.0  # scrape intervals: `rate` needs two samples, and one scrape may fail
LEAST = 12.0  # scrape intervals of a long window: fewer would page for a single hiccup


@dataclass(frozen=True)
class Burn:
    """One alert condition: the budget burns at `rate` over both windows (seconds)."""

    rate: float
    long: float
    short: float
    severity: Literal["page", "ticket"]

    def threshold(self, slo: Objective) -> float:
        """The share of bad events above which it holds; 1 and more can never hold."""
        return self.rate * slo.budget


def burns(slo: Objective, interval: float) -> tuple[Burn, ...]:
    """The alert conditions of an objective; `interval` is the scrape interval in seconds.

    Those that can never hold, since more than all events would have to be bad, are left out.
    """
    scale = slo.window / MONTH
    made = []
    for rate, long, short, severity in TABLE:
        least = max(round(long * scale), round(LEAST * interval), 1)
        brief = max(round(short * scale), round(SHORTEST * interval), 1)
        burn = Burn(rate, float(least), float(brief), severity if slo.page else "ticket")
        if burn.threshold(slo) < 1.0:
            made.append(burn)
    return tuple(made)


def spelled(seconds: float) -> str:
    """A span as Prometheus writes it: 90 is `90s`, 3600 is `1h`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(seconds, 1):.0f}s"
