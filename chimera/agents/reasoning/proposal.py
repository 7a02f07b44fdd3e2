"""The one call that is no look: a change, as a model may propose it and as a wish it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, get_args

from chimera.agents.chat.shape import Ask, Reply
from chimera.agents.understanding.actions import Kind, Wish
from chimera.domain import RunbookCard
from chimera.domain.dialogue import ToolCall, ToolOffer

KINDS = get_args(Kind)
ANSWERS = ("approve", "deny")
LONGEST = 366 * 24 * 60  # minutes of a silence
PROPOSE = ToolOffer(
    name="propose_change",
    purpose=(
        "Propose the one change that the person asks for. What you leave out is looked up or asked "
        "about. They are shown its plan and say yes or no; nothing is done before."
    ),
    arguments={
        "type": "object",
        "properties": {
            "kind": {
                "enum": list(KINDS),
                "description": "run: a runbook. silence, lift: whether people are told of trouble. pause, "
                "resume: all changes. approve, deny: an order that waits. acknowledge, resolve, hand_over: "
                "an incident. veto: the target was not its cause",
            },
            "runbook": {"type": "string", "description": "with run; with approve and deny, which order's"},
            "target": {
                "type": "string",
                "description": "the service, step or dataset, by its exact name",
            },
            "parameters": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "of the runbook, beside the target; signal: the one that a silence "
                "is of; to: the person or team that an incident is handed to",
            },
            "minutes": {"type": "number", "description": "how long a silence lasts; 60 if left out"},
            "subject": {
                "type": "string",
                "description": "the id of an incident (INC-1), an order (INC-1/1) or a silence (SIL-1), "
                "if the person gave it",
            },
            "reason": {"type": "string", "description": "theirs, in their words"},
        },
        "required": ["kind"],
        "additionalProperties": False,
    },
)  # fmt: skip


def runnable(cards: Iterable[RunbookCard]) -> str:
    """The runbooks with what each does and takes beside its target, a line each."""
    return "\n".join(
        f"- {card.name}{taken(card.parameters)}: {card.summary}"
        for card in cards
        if card.touches == "estate"
    )


def taken(schema: dict[str, Any]) -> str:
    """(replicas: how many there shall be), of a JSON Schema."""
    target = next(iter(schema.get("required", ())), "")
    rest = {k: v for k, v in schema.get("properties", {}).items() if k != target}
    told = [f"{k}: {v['description']}" if "description" in v else k for k, v in rest.items()]
    return f" ({'; '.join(told)})" if told else ""


def wished(call: ToolCall, ask: Ask) -> Reply | Wish:
    """The proposal as a wish, which the person must still say yes to."""
    given = {name: value for name, value in call.arguments.items() if value is not None}
    if given.get("kind") not in KINDS:
        return Reply(kind="question", text="Which change do you want? Nothing was done.")
    target, runbook = str(given.get("target", "")), str(given.get("runbook", ""))
    minutes, raw = given.get("minutes"), given.get("parameters")
    if given["kind"] != "silence":
        minutes = None
    elif minutes is not None and not length(minutes):
        return Reply(kind="question", text="For how long? Nothing was done.")
    parameters = {str(k): str(v) for k, v in raw.items()} if isinstance(raw, dict) else {}
    if given["kind"] in ANSWERS and runbook:
        parameters["runbook"] = runbook
    return Wish(
        kind=given["kind"],
        runbook=runbook if given["kind"] == "run" else "",
        target=target if not target or target in ask.known.nodes else f"?{target}",
        parameters=parameters,
        lasts=timedelta(minutes=minutes) if minutes is not None else None,
        reason=str(given.get("reason", "")),
        subject=str(given.get("subject", "")),
        sure=False,
        said=ask.reading.text[:300],
    )


def length(minutes: Any) -> bool:
    """Whether it is how long something can last."""
    number = isinstance(minutes, int | float) and not isinstance(minutes, bool)
    return number and 0 < minutes <= LONGEST
