"""Orders that nobody placed, decided at the start: a policy that cannot decide is found then."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from chimera.domain import CHIMERA, Estate, Misconfigured, Order, Plan, Principal, RunbookCard
from chimera.platform.governance.policy import Circumstances, Policy
from chimera.platform.governance.policy_names import misnamed

AT = datetime(2026, 1, 3, 23, 59, tzinfo=UTC)  # a Saturday night: what holds then is reached
PERSON = Principal(id="somebody", roles=("operator",))
MOMENTS = (
    Circumstances(now=AT),
    Circumstances(
        now=AT, paused=True, changes_lately=10_000, rollbacks_lately=10_000, repeats_lately=10_000
    ),
)

LIMITS = {  # a setting that limits, and the part of the context that policies see it by
    "changes_per_hour": "changes_left",
    "rollbacks_before_ask": "rollbacks_limit",
    "repeats_before_ask": "repeats_limit",
    "asks_from_felt_by": "felt_limit",
    "freezes": "frozen",
}


def rehearse(policy: Policy, cards: Collection[RunbookCard], estate: Estate) -> list[str]:
    """What is odd and holds nothing up. Raises Misconfigured for what must not decide anything."""
    names = {card.name for card in cards}
    found = misnamed(policy.settings, policy.cedar, names, estate)
    if wrong := [one.said for one in found if one.stops]:
        raise Misconfigured("; ".join(wrong))
    places = dict.fromkeys((estate.environment, *policy.settings.trust, "*"))
    for card in cards:
        for place in places:
            _decided(policy, card, place, estate)
    return [*(one.said for one in found), *unread(policy)]


def unread(policy: Policy) -> list[str]:
    """Limits that are set and that no policy looks at: they limit nothing."""
    return [
        f"policy.{setting} is set, and no policy in {policy.cedar.directory} looks at "
        f"context.{asked}: it limits nothing"
        for setting, asked in LIMITS.items()
        if getattr(policy.settings, setting) and not policy.cedar.asks_for(asked)
    ]


def _decided(policy: Policy, card: RunbookCard, environment: str, estate: Estate) -> None:
    node = next((node for node in estate.nodes if card.name in node.runbooks), None)
    target = node.name if node else "anything"
    for who in (CHIMERA, PERSON):
        order = Order(
            id=f"rehearsal of {card.name} in {environment} by {who.id}",
            incident="rehearsal",
            attempt=1,
            runbook=card.name,
            parameters={},
            target=target,
            environment=environment,
            reason="",
            requested_by=who.id,
            created=AT,
            expires=AT + timedelta(hours=1),
        )
        plan = Plan(
            order_id=order.id,
            runbook=card.name,
            target=target,
            environment=environment,
            parameters={},
            risk=card.risk,
            reversible=card.reversible,
            does="",
            undo="",
            blast_radius=estate.felt_by(target),
        )
        for moment in MOMENTS:
            policy.decide(order, plan, card, node, who, moment)
