"""How much an incident matters: users hit, promises at risk, tier, and what hangs on it. Pure.

Points, so that the order is plain and the sentence can name each reason: users feel it 2 (three
services or more: 3); the most important tier 1 gives 2, tier 2 gives 1; an error budget that burns
fast 2, one that burns 1; data products or tier-1 services downstream 1. From 6 on it is P1, from 4
P2, from 2 P3, below P4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from chimera.domain import Estate, Priority

FAST = 6.0  # burn rate at which an objective's own alert pages (SRE Workbook, chapter 5)
WIDE = 3  # services in which users feel it
NAMED = 3  # names that the sentence gives of each kind


class Burning(Protocol):
    """Tells which objectives burn. Read before a verdict; what cannot be read is not in it."""

    async def __call__(self) -> Mapping[str, float]:
        """Burn rate by node, of those that spend their budget too fast; 1 spends it exactly."""
        ...


def impact(
    services: Iterable[str],
    felt: Iterable[str],
    estate: Estate,
    burning: Mapping[str, float] | None = None,
) -> tuple[Priority, str]:
    """The priority of an incident that shows in `services`, felt by users in `felt`, and why."""
    shown, hurt = list(dict.fromkeys(services)), sorted(set(felt))
    points, why = 0, []
    tiers = {name: node.tier for name in shown if (node := estate.node(name))}
    if tiers:
        best = min(tiers.values())
        points += {1: 2, 2: 1}.get(best, 0)
        first = [name for name in shown if tiers.get(name) == best]
        why.append(f"{some(first)} {'is' if len(first) == 1 else 'are'} tier {best}")
    if hurt:
        points += 3 if len(hurt) >= WIDE else 2
        where = "" if set(hurt) <= set(shown[:1]) else f" in {some(hurt)}"
        why.append(f"users feel it{where}")
    else:
        why.append("users do not feel it")
    rates = {name: rate for name, rate in (burning or {}).items() if name in shown and rate > 1.0}
    if rates:
        worst = max(rates, key=lambda name: rates[name])
        points += 2 if rates[worst] >= FAST else 1
        why.append(f"{worst} burns its error budget {rates[worst]:.3g} times too fast")
    if feeds := downstream(shown, estate):
        points += 1
        why.append(f"feeds {some(feeds)}")
    level = next(p for p, least in LADDER if points >= least)
    return level, f"{level.value}: {'; '.join(why)}"


LADDER = ((Priority.P1, 6), (Priority.P2, 4), (Priority.P3, 2), (Priority.P4, 0))


def downstream(services: list[str], estate: Estate) -> list[str]:
    """Data products (datasets that nobody in the estate reads) and tier-1 services that the
    trouble may reach: products first, each kind by name."""
    follows: dict[str, list[str]] = {}
    read: set[str] = set()
    for node in estate.nodes:
        read.update(node.reads)
        for cause in (*node.calls, *node.reads):
            follows.setdefault(cause, []).append(node.name)
        follows.setdefault(node.name, []).extend(node.writes)
    reached, frontier = set(services), list(services)
    while frontier:
        for name in follows.get(frontier.pop(), ()):
            if name not in reached:
                reached.add(name)
                frontier.append(name)
    found = []
    for node in estate.nodes:
        product = node.kind == "dataset" and node.name not in read
        if node.name in reached and node.name not in services and (product or node.tier == 1):
            found.append((not product, node.name))
    return [name for _, name in sorted(found)]


def some(names: Iterable[str]) -> str:
    """A few names, and how many more there are."""
    given = list(names)
    more = f" and {len(given) - NAMED} more" if len(given) > NAMED else ""
    return ", ".join(given[:NAMED]) + more
