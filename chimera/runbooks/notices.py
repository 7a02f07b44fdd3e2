"""What people are told of an order: the question whether it may run, and how it ended."""

from __future__ import annotations

from datetime import datetime

from chimera.domain import Notice, Order, Outcome
from chimera.runbooks.steps import Permit


def asked(order: Order, permit: Permit, at: datetime) -> Notice:
    """The question to those who may approve exactly this plan."""
    plan = permit.plan
    return Notice(
        id=f"{order.id}-approval",
        incident=order.incident,
        kind="approval",
        title=f"Approve {order.runbook} on {order.target}?",
        text=f"{plan.does}. {order.reason}",
        phase="waiting",
        fields={
            "Why it asks": permit.decision.reason,
            "Risk": plan.risk.value,
            "Way back": plan.undo,
            "Also feels it": ", ".join(plan.blast_radius) or "nobody",
            "Requested by": order.requested_by,
        },
        order_id=order.id,
        plan_hash=plan.hash,
        at=at,
    )


def told(order: Order, outcome: Outcome, at: datetime) -> Notice:
    """How a person's own order ended."""
    return Notice(
        id=f"{order.id}-outcome",
        incident=order.incident,
        # Without symptoms "unverified" is how every order of a person ends.
        kind="page"
        if outcome.status == "failed" or (outcome.needs_person and order.symptoms)
        else "outcome",
        title=f"Order {order.id} ({order.runbook} on {order.target}): {outcome.status}",
        text=outcome.reason,
        phase="resolved",
        fields={"Requested by": order.requested_by},
        order_id=order.id,
        at=at,
    )
