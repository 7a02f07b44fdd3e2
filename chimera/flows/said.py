"""What is said of an incident beside its own workflow: the grouper's notices, a person's lines."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from chimera.domain import Event, Incident, Notice, Principal
from chimera.platform.orchestration.tell import TellWorkflow


def line_of(incident: Incident, key: str, text: str, who: Principal) -> Event:
    """A person's line on an incident's timeline; `key` makes a second writing harmless."""
    return Event(
        incident=incident.id,
        key=key,
        at=datetime.now(UTC),
        phase=incident.phase,
        text=text,
        actor=who.id,
    )


def remark(incident: Incident, key: str, title: str, text: str) -> Notice:
    """An update about an incident as it is on record."""
    return Notice(
        id=f"{incident.id}-{key}",
        incident=incident.id,
        kind="update",
        title=title,
        text=text,
        phase=incident.phase.value,
        severity=incident.severity.value,
        priority=incident.priority.value if incident.priority else "",
        impact=incident.impact,
        marks=incident.marks,
        signal=incident.leading,
        service=incident.service,
        at=datetime.now(UTC),
    )


async def have_told(client: Client, task_queue: str, prefix: str, notice: Notice) -> None:
    """Have it delivered, once for each notice. Raises RPCError while Temporal is away."""
    try:
        await client.start_workflow(
            TellWorkflow.run,
            notice,
            id=f"{prefix}{notice.incident}-tell-{notice.id}",
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return


def news(before: Incident, now: Incident) -> tuple[str, str] | None:
    """Title and text of what people must hear: a priority that rose, a mark that came or went.

    Votes are no news: whoever cast one knows.
    """
    if before.priority and now.priority and now.priority.value < before.priority.value:
        return f"Priority is {now.priority.value} now", now.impact
    old, new = ({m for m in i.marks if not m.startswith("feedback")} for i in (before, now))
    if came := [m for m in now.marks if m in new - old]:
        return "Holds from now on", "; ".join(came)
    if gone := [m for m in before.marks if m in old - new]:
        return "Holds no longer", "; ".join(gone)
    return None
