"""What the audit log says of an order, by what changed of its record."""

from __future__ import annotations

from collections.abc import Iterator

from chimera.domain import Decision
from chimera.platform.governance.audit import Entry, digest
from chimera.platform.store.records import OrderRecord


def changes_of(known: OrderRecord | None, record: OrderRecord) -> Iterator[Entry]:
    """One entry for each thing that is new; nothing when a write is repeated."""
    order, plan = record.order, record.plan
    if known is None:
        yield entry(
            record,
            order.requested_by,
            "order.placed",
            runbook=order.runbook,
            target=order.target,
            environment=order.environment,
            content=digest(order.signed_content().decode(errors="replace")),
            trusted_grounds=order.trusted_grounds,
        )
    if plan and (known is None or known.plan is None or known.plan.hash != plan.hash):
        yield entry(record, "chimera", "order.planned", plan=plan.hash, risk=plan.risk.value)
    if record.decision and (known is None or known.decision != record.decision):
        yield decided(record, record.decision)
    if record.approval and (known is None or known.approval != record.approval):
        word = "approved" if record.approval.granted else "denied"
        by = record.approval.approver
        yield entry(record, by, f"order.{word}", plan=record.approval.plan_hash)
    if record.state == "running" and (known is None or known.state != "running"):
        yield entry(record, "chimera", "order.began", plan=plan.hash if plan else "")
    if record.outcome and (known is None or known.outcome is None):
        reason = digest(record.outcome.reason)
        yield entry(record, "chimera", "order.ended", status=record.outcome.status, reason=reason)


def decided(record: OrderRecord, decision: Decision, asked: str = "at the start") -> Entry:
    """What policy said, and when it was asked."""
    return entry(
        record,
        "policy",
        "order.decided",
        verdict=decision.verdict,
        level=decision.level.value,
        policies=list(decision.policies),
        asked=asked,
    )


def entry(record: OrderRecord, who: str, action: str, **details: object) -> Entry:
    order = record.order
    return Entry(
        who=who,
        behalf="" if who == order.requested_by else order.requested_by,
        action=action,
        object=order.id,
        incident=order.incident,
        evidence=order.evidence if action == "order.placed" else (),
        details=details,
    )
