"""The one decider: Cedar policies, deny by default.

Two questions are put to Cedar: may it run now (`execute`), and may it run once somebody approved
(`execute_if_approved`). Yes to the first is *act*, to the second *ask*, else *deny*. In the trust
levels *observe* and *advise* the answer is recorded and nothing runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chimera.domain import (
    Decision,
    Node,
    Order,
    Plan,
    Principal,
    Risk,
    RunbookCard,
    StepDown,
    Trust,
)
from chimera.domain.base import Value
from chimera.domain.trust import lower
from chimera.platform.governance.cedar import CedarPolicies, shipped_policies
from chimera.platform.settings import Policy as PolicySettings

RISK = {Risk.LOW: 0, Risk.MEDIUM: 1, Risk.HIGH: 2}
APPROVERS = ("approver", "admin")


def configured(settings: PolicySettings, environment: str, runbook: str) -> Trust:
    """How far the settings trust Chimera; `observe` where nothing is said."""
    for place in (environment, "*"):
        rules = settings.trust.get(place, {})
        for name in (runbook, "*"):
            if name in rules:
                return rules[name]
    return Trust.OBSERVE


class Circumstances(Value):
    """What the moment adds to an order: budgets, pauses, the clock."""

    now: datetime
    paused: bool = False
    changes_lately: int = 0
    rollbacks_lately: int = 0
    repeats_lately: int = 0  # this runbook on this target, by Chimera itself
    stepped_down: StepDown | None = None  # trust that went down by itself


class Policy:
    """Decides orders by the Cedar files of one directory."""

    def __init__(self, settings: PolicySettings) -> None:
        self.settings = settings
        self.cedar = CedarPolicies(settings.directory or shipped_policies())

    def level(self, environment: str, runbook: str) -> Trust:
        """How far the settings trust Chimera."""
        return configured(self.settings, environment, runbook)

    def frozen(self, environment: str, now: datetime) -> str | None:
        """Why nothing may change now, if a freeze holds."""
        for freeze in self.settings.freezes:
            if freeze.environment in ("*", environment) and freeze.begins <= now < freeze.ends:
                return freeze.reason
        return None

    def decide(
        self,
        order: Order,
        plan: Plan,
        card: RunbookCard,
        node: Node | None,
        who: Principal,
        circumstances: Circumstances,
    ) -> Decision:
        """What may happen with this order, at this moment."""
        level = self.level(order.environment, order.runbook)
        stepped = circumstances.stepped_down
        level, trusted = lower(level, stepped.level if stepped else None), level
        now = circumstances.now
        freeze = self.frozen(order.environment, now)
        risk = RISK[plan.risk] + (0 if plan.reversible else 1)  # no way back: one step up
        context: dict[str, Any] = {
            "level": level.value,
            "runbook": order.runbook,
            "environment": order.environment,
            "risk": risk,
            "reversible": plan.reversible,
            "always_ask": card.always_ask,
            "touches": card.touches,
            "trusted_grounds": order.trusted_grounds,
            "blast_radius": len(plan.blast_radius),
            "felt_limit": self.settings.asks_from_felt_by,
            "frozen": freeze is not None,
            "paused": circumstances.paused,
            "changes_left": self.settings.changes_per_hour - circumstances.changes_lately,
            "rollbacks_lately": circumstances.rollbacks_lately,
            "rollbacks_limit": self.settings.rollbacks_before_ask,
            "repeats_lately": circumstances.repeats_lately,
            "repeats_limit": self.settings.repeats_before_ask,
            "hour": now.hour,
            "weekend": now.weekday() >= 5,
        }
        person = who.id != "chimera"
        watching = level in (Trust.OBSERVE, Trust.ADVISE) and not person
        if watching:
            # What would be done, were Chimera trusted; hard refusals still show.
            context["level"] = Trust.ACT.value
        may_run, because = self._ask("execute", order, node, who, context)
        may_ask, why_not = (
            (True, because)
            if may_run
            else self._ask("execute_if_approved", order, node, who, context)
        )
        said = self._said(order, plan, circumstances, freeze)
        common = {
            "level": level,
            "approvers": APPROVERS,
            "expires_seconds": self.settings.approval_minutes * 60,
        }
        if not may_ask:
            reason = self._reason(why_not, said) or "no policy permits it"
            return Decision(verdict="deny", reason=reason, policies=why_not, **common)
        if watching:
            would = "run it" if may_run else "ask for approval"
            reason = f"{order.environment} is in {level.value}: Chimera would {would}"
            if not may_run and (why := self._reason(because, said)):
                reason += f", since {why}"
            if stepped and level is not trusted:
                reason += f"; {stepped}"
            return Decision(verdict=level.value, reason=reason, policies=because, **common)
        if may_run:
            reason = f"{order.runbook} may run unattended in {order.environment}"
            return Decision(verdict="act", reason=reason, policies=because, **common)
        reason = self._reason(because, said) or f"{order.environment} asks before {order.runbook}"
        if stepped and level is not trusted and not person:
            reason = f"{reason}; {stepped}"
        return Decision(verdict="ask", reason=reason, policies=(*why_not, *because), **common)

    def _said(
        self, order: Order, plan: Plan, circumstances: Circumstances, freeze: str | None
    ) -> dict[str, str]:
        """What policies of these names are told by, with the moment's own figures."""
        times, felt = circumstances.repeats_lately, plan.blast_radius
        shown = ", ".join(felt[:5]) + (f" and {len(felt) - 5} more" if len(felt) > 5 else "")
        said = {
            "repeated": f"Chimera did {order.runbook} on {order.target} {times} times within 24 "
            "hours: the repair hides the cause, a person decides (policy.repeats_before_ask)",
            "widely-felt": f"{len(felt)} others feel what happens to {order.target} ({shown}): "
            "a person decides (policy.asks_from_felt_by)",
        }
        return said | ({"frozen": freeze} if freeze else {})

    def _reason(self, policies: tuple[str, ...], said: Mapping[str, str]) -> str:
        parts = [said.get(p) or self.cedar.reasons.get(p, "") for p in policies]
        return "; ".join(part for part in parts if part)

    def _ask(
        self, action: str, order: Order, node: Node | None, who: Principal, context: dict[str, Any]
    ) -> tuple[bool, tuple[str, ...]]:
        kind = "Agent" if who.id == "chimera" else "Person"
        runbooks = list(node.runbooks) if node else []
        entities = [
            {
                "uid": {"type": kind, "id": who.id},
                "attrs": {"roles": list(who.roles)},
                "parents": [],
            },
            {
                "uid": {"type": "Target", "id": order.target},
                "attrs": {
                    "tier": node.tier if node else 9,
                    "owner": node.owner if node else "",
                    "runbooks": runbooks,
                },
                "parents": [],
            },
        ]
        request = {
            "principal": {"type": kind, "id": who.id},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Target", "id": order.target},
            "context": context,
        }
        return self.cedar.ask(request, entities, f"order {order.id}")
