"""The one decider: Cedar policies, deny by default.

Two questions are put to Cedar: may it run now (`execute`), and may it run once somebody approved
(`execute_if_approved`). Yes to the first is *act*, to the second *ask*, else *deny*. In the trust
levels *observe* and *advise* the answer is recorded and nothing runs.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import cedarpy

from chimera.domain import (
    Decision,
    Misconfigured,
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
    stepped_down: StepDown | None = None  # trust that went down by itself


def shipped_policies() -> Path:
    """The policies that come with Chimera."""
    inside = Path(__file__).parents[2] / "policies"  # in an installed package
    return inside if inside.is_dir() else Path(__file__).parents[3] / "deploy" / "policies"


class Policy:
    """Decides orders by the Cedar files of one directory."""

    def __init__(self, settings: PolicySettings) -> None:
        self._settings = settings
        self._directory = settings.directory or shipped_policies()
        files = sorted(self._directory.glob("*.cedar"))
        if not files:
            raise Misconfigured(f"policy.directory {self._directory} holds no *.cedar file")
        self._text = "\n".join(file.read_text() for file in files)
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(self._text))
        except ValueError as error:
            raise Misconfigured(
                f"the Cedar policies in {self._directory} do not parse: {error}"
            ) from error
        # Cedar reports policies by position; people know them by their @id.
        self._ids: dict[str, str] = {}
        self._reasons: dict[str, str] = {}
        for position, policy in parsed["staticPolicies"].items():
            notes = policy.get("annotations", {})
            if not notes.get("id"):
                raise Misconfigured(f"a policy in {self._directory} has no @id; name each one")
            if notes["id"] in self._ids.values():
                raise Misconfigured(f"two policies in {self._directory} are called {notes['id']!r}")
            self._ids[position] = notes["id"]
            self._reasons[notes["id"]] = notes.get("reason", "")

    def level(self, environment: str, runbook: str) -> Trust:
        """How far the settings trust Chimera."""
        return configured(self._settings, environment, runbook)

    def frozen(self, environment: str, now: datetime) -> str | None:
        """Why nothing may change now, if a freeze holds."""
        for freeze in self._settings.freezes:
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
            "frozen": freeze is not None,
            "paused": circumstances.paused,
            "changes_left": self._settings.changes_per_hour - circumstances.changes_lately,
            "rollbacks_lately": circumstances.rollbacks_lately,
            "rollbacks_limit": self._settings.rollbacks_before_ask,
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
        common = {
            "level": level,
            "approvers": APPROVERS,
            "expires_seconds": self._settings.approval_minutes * 60,
        }
        if not may_ask:
            reason = self._reason(why_not, freeze) or "no policy permits it"
            return Decision(verdict="deny", reason=reason, policies=why_not, **common)
        if watching:
            would = "run it" if may_run else "ask for approval"
            reason = f"{order.environment} is in {level.value}: Chimera would {would}"
            if stepped and level is not trusted:
                reason += f"; {stepped}"
            return Decision(verdict=level.value, reason=reason, policies=because, **common)
        if may_run:
            reason = f"{order.runbook} may run unattended in {order.environment}"
            return Decision(verdict="act", reason=reason, policies=because, **common)
        reason = self._reason(because, freeze) or f"{order.environment} asks before {order.runbook}"
        if stepped and level is not trusted and not person:
            reason = f"{reason}; {stepped}"
        return Decision(verdict="ask", reason=reason, policies=(*why_not, *because), **common)

    def _reason(self, policies: tuple[str, ...], freeze: str | None) -> str:
        parts = [freeze if freeze and p == "frozen" else self._reasons.get(p, "") for p in policies]
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
        result = cedarpy.is_authorized(request, self._text, entities)
        if result.diagnostics.errors:
            raise Misconfigured(
                f"the Cedar policies in {self._directory} fail on order {order.id}: "
                f"{'; '.join(map(str, result.diagnostics.errors))}"
            )
        return result.allowed, tuple(self._ids.get(p, p) for p in result.diagnostics.reasons)
