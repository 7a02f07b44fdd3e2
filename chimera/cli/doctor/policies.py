"""What may be changed: whether the policies can decide, and how far each runbook is trusted."""

from __future__ import annotations

from chimera.cli.doctor.check import Check, Result, missing, ok
from chimera.domain import Estate, RunbookCard
from chimera.domain.trust import LADDER
from chimera.platform.catalog.estate import load_estate
from chimera.platform.governance.policy import Policy, configured
from chimera.platform.governance.rehearsal import rehearse
from chimera.platform.settings import Settings


async def look_at_policies(settings: Settings) -> list[Result]:
    """Orders of every runbook are decided as the worker would at its start."""
    cards = known_runbooks()
    estate = Estate(environment=settings.environment)
    if settings.estate.file:
        nodes = load_estate(settings.estate.file)
        estate = nodes.model_copy(update={"environment": settings.environment})
    policy = Policy(settings.policy)  # raises Misconfigured when it cannot be read
    odd = rehearse(policy, cards, estate)
    where = settings.policy.directory or "those that ship with Chimera"
    decided = f"{where}: {len(cards)} runbooks decided"
    remedy = "correct the name, or leave it if it is meant for another installation"
    return [
        ok("policies", decided),
        *(missing("policies", one, remedy) for one in odd),
        *trusted(settings, [card.name for card in cards]),
    ]


def known_runbooks() -> list[RunbookCard]:
    from chimera import runbooks
    from chimera.domain.discovery import discover
    from chimera.runbooks.base import Runbook

    kinds = discover(runbooks, Runbook, key=lambda kind: str(kind.card.name))
    return [kind.card for kind in kinds.values()]


def trusted(settings: Settings, runbooks: list[str]) -> list[Result]:
    """One line for each environment: the levels as they resolve, the widest first."""
    places = {settings.environment: None, **dict.fromkeys(settings.policy.trust)}
    return [
        ok(f"trust in {'any other' if place == '*' else place}", levels(settings, place, runbooks))
        for place in places
    ]


def levels(settings: Settings, place: str, runbooks: list[str]) -> str:
    found: dict[str, list[str]] = {}
    for name in sorted(runbooks):
        found.setdefault(configured(settings.policy, place, name).value, []).append(name)
    if len(found) == 1:
        return f"{next(iter(found))} every runbook"
    widest = [level.value for level in reversed(LADDER) if level.value in found]
    return "; ".join(f"{level} {', '.join(found[level])}" for level in widest)


policies = Check("policies", look_at_policies, 31)
