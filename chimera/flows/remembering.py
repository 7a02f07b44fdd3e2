"""From a resolved incident to a memory: how it showed, and which repair was proved."""

from __future__ import annotations

from collections.abc import Iterable

from chimera.domain import Dossier, Incident, Memory, Suspected
from chimera.domain.dossier import unique
from chimera.platform.store import OrderRecord


def memory_of(incident: Incident, dossier: Dossier, orders: Iterable[OrderRecord]) -> Memory:
    """What the next incident may learn from this one."""
    mended = (mends(record, dossier) for record in orders)
    return Memory(
        incident=incident.id,
        title=incident.title,
        environment=incident.environment,
        at=incident.resolved or dossier.at,
        signs=dossier.signs,
        templates=dossier.templates,
        mended=unique(one for one in mended if one),
    )


def mends(record: OrderRecord, dossier: Dossier) -> Suspected | None:
    """The cause that a proved repair was for; None if it was not proved, or for another reason."""
    if record.outcome is None or record.outcome.status != "applied":
        return None
    order = record.order
    fitting = [
        s for s in dossier.suspected if (s.runbook, s.target) == (order.runbook, order.target)
    ]
    # One runbook may mend several kinds of fault: the order's reason is the cause it was made for.
    return next((s for s in fitting if s.cause == order.reason), fitting[0] if fitting else None)
