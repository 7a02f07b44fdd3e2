"""What people did with a proposal of Chimera's: the same, something else, or nothing that tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from chimera.domain import CHIMERA, Incident, Veto
from chimera.platform.store.records import OrderRecord

Judgement = Literal["followed", "overruled", "untold"]
LATER = timedelta(hours=24)  # until when an order of a person answers a proposal that is still open


def judged(
    record: OrderRecord,
    incident: Incident | None,
    by_people: Sequence[OrderRecord],
    vetoes: Sequence[Veto],
) -> Judgement:
    """Of one proposal. A veto outweighs an approval: it was given with the outcome in sight.

    A proposal that ran by itself was judged by nobody, unless somebody vetoed its cause; one in
    observe or advise is judged by what people ordered for the same incident while it lasted.
    """
    order, outcome = record.order, record.outcome
    if any(veto.incident == order.incident and veto.target == order.target for veto in vetoes):
        return "overruled"
    if outcome is not None and outcome.denied_by:
        return "overruled"
    if record.approval is not None or (outcome is not None and outcome.approved_by):
        return "followed"
    if outcome is None or outcome.status != "proposed" or incident is None:
        return "untold"
    theirs = [one for one in by_people if answers(one, record, incident)]
    if any((o.order.runbook, o.order.target) == (order.runbook, order.target) for o in theirs):
        return "followed"
    return "overruled" if theirs else "untold"


def answers(theirs: OrderRecord, proposal: OrderRecord, incident: Incident) -> bool:
    """Whether a person's order that changed something was for the trouble of a proposal."""
    order, asked = theirs.order, proposal.order
    status = theirs.outcome.status if theirs.outcome else ""
    if order.requested_by == CHIMERA.id or status in ("", "refused", "proposed"):
        return False
    if order.environment != asked.environment or order.runbook in ("silence", "lift_silence"):
        return False
    involved = {asked.target, incident.service, *incident.services}
    if incident.diagnosis:
        involved |= {f.target for f in incident.diagnosis.findings if f.target}
    return order.target in involved and asked.created <= order.created <= until(
        incident, asked.created
    )


def until(incident: Incident, since: datetime) -> datetime:
    return incident.resolved or since + LATER
