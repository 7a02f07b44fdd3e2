"""An investigation as a model is told it: the incident, the topology, what was seen, who wrote what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chimera.agents.base import Call, Investigation, Means
from chimera.agents.reasoning import prompts
from chimera.agents.reasoning.shown import shown
from chimera.domain import Diagnosis, Estate, Evidence
from chimera.domain.dialogue import Message, ToolOffer
from chimera.tools.base import BoundTool, Look

NODES = 150  # of the topology
LOOK = 2500  # characters of one look
OFFERED = (
    "compare_metrics", "query_metrics", "search_logs", "list_changes", "walk_topology",
    "trace_lineage", "past_incidents", "slo_status",
)  # fmt: skip


def told(
    run: Investigation, means: Means, *, trusted: bool, diagnosis: Diagnosis | None = None
) -> list[Message]:
    """`trusted`: without anything that others could have written."""
    task = run["task"]
    system = prompts.INVESTIGATE.format(
        topology=topology(means.estate), now=task.now.isoformat(timespec="seconds")
    )
    one = task.incident
    symptoms = "; ".join(
        f"{s.signal} of {s.service} since {s.began:%H:%M:%S}" for s in one.symptoms[:12]
    )
    begin = f"Incident {one.id} at {one.service}, began {one.began.isoformat(timespec='seconds')}."
    messages = [
        Message(role="system", text=system, writer="chimera"),
        Message(role="user", text=f"{begin} Symptoms: {symptoms or 'none'}.", writer="chimera"),
    ]
    for call, look in entries(run):
        part = without_others(look) if trusted else look
        if trusted and look.evidence and not part.evidence:
            continue
        others = any(piece.untrusted for piece in part.evidence)
        text = f"{call.tool}: {shown(replace(part, data=None), LOOK)}"
        messages.append(Message(role="user", text=text, writer="others" if others else "chimera"))
    if diagnosis is not None:
        ranked = "; ".join(f"{f.cause} ({f.confidence:.0%})" for f in diagnosis.findings[:5])
        text = f"The statistics rank: {ranked or 'no cause'}."
        messages.append(Message(role="user", text=text, writer="others"))
    return messages


def asked(text: str) -> Message:
    return Message(role="user", text=text, writer="chimera")


def entries(run: Investigation) -> Iterable[tuple[Call, Look]]:
    """Everything that was looked at, by whomever."""
    return [*run.get("seen", {}).values(), *run.get("beside", {}).values()]


def pieces(run: Investigation) -> dict[str, Evidence]:
    """All evidence by its id: what may be cited."""
    return {piece.id: piece for _, look in entries(run) for piece in look.evidence}


def without_others(look: Look) -> Look:
    return replace(look, evidence=tuple(p for p in look.evidence if not p.untrusted))


def topology(estate: Estate) -> str:
    lines = [
        f"- {node.name} ({node.kind}): {', '.join(estate.causes_of(node.name)) or 'nothing'}"
        for node in estate.nodes[:NODES]
    ]
    return "\n".join(lines) or "- not known"


def offers(means: Means) -> Sequence[ToolOffer]:
    return [offer(means.tools[name]) for name in OFFERED if name in means.tools]


def offer(bound: BoundTool) -> ToolOffer:
    return ToolOffer(
        name=bound.name,
        purpose=bound.tool.purpose,
        arguments=bound.tool.arguments.model_json_schema(),
    )
