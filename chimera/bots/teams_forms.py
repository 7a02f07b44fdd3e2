"""Chimera's forms as Teams' dialogs: a reason, a choice of runbooks, one's parameters, its plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chimera.bots.form_fields import LONGEST, Field
from chimera.bots.teams_elements import ADAPTIVE, LINE, Card, Element, card, cut, text
from chimera.domain import RunbookCard

Dialog = dict[str, Any]
DENIAL, CHOICE, ORDER, PLAN = "chimera_denial", "chimera_choice", "chimera_order", "chimera_plan"
RUNBOOK, REASON = "chimera_runbook", "chimera_reason"  # inputs
GIVEN = "given_"  # before a parameter's name: the name of its input
REASONED = 1000  # characters
NOTE = "Sending this places the order. Policy decides then; an approval is somebody else's."


def denial(kept: Mapping[str, Any], typed: Mapping[str, str], error: str = "") -> Dialog:
    """Why not?"""
    hint = "It is written into the record, and to whoever asked for the change."
    body = [text(f"Deny order {kept['order']}. {hint}"), reason("Why not?", typed)]
    return dialog("Deny an order", body, {**kept, "verb": DENIAL}, "Deny", error)


def choice(cards: Sequence[RunbookCard], kept: Mapping[str, Any], error: str = "") -> Dialog:
    """Which runbook?"""
    options = {
        card.name: f"{card.name}: {card.summary}" for card in sorted(cards, key=lambda c: c.name)
    }
    body = [select(RUNBOOK, "Which one?", options)]
    return dialog("Run a runbook", body, {**kept, "verb": CHOICE}, "Next", error)


def order(
    runbook: RunbookCard,
    fields: Sequence[Field],
    kept: Mapping[str, Any],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> Dialog:
    """With what, and why? Nothing is placed by sending it: the plan comes first."""
    back = "reversible" if runbook.reversible else "no way back"
    said = f"{runbook.name}: {runbook.summary}. Risk {runbook.risk.value}, {back}."
    body = [
        text(said),
        *(drawn(field, typed.get(GIVEN + field.name, field.given)) for field in fields),
        reason("Why? Whoever approves it reads it.", typed),
    ]
    wrong = "\n".join(f"{name}: {why}" if name else why for name, why in errors.items())
    asked = {**kept, "verb": ORDER, "runbook": runbook.name}
    return dialog("Run a runbook", body, asked, "Show the plan", wrong)


def plan(shown: str, kept: Mapping[str, Any]) -> Dialog:
    """What exactly would be done; sending it places the order."""
    body = [text(shown), text(NOTE, italic=True)]
    return dialog("The plan", body, {**kept, "verb": PLAN}, "Place the order")


def said(what: str) -> Dialog:
    """What became of it."""
    return {"task": {"type": "message", "value": cut(what, LINE)}}


def dialog(
    title: str, body: Sequence[Element], kept: Mapping[str, Any], send: str, error: str = ""
) -> Dialog:
    wrong = [text(error, color="Attention", weight="Bolder")] if error else []
    actions = [{"type": "Action.Submit", "title": send, "data": dict(kept)}]
    made: Card = card([*wrong, *body], actions)
    shown = {"title": title, "width": "medium", "height": "medium"}
    return {
        "task": {
            "type": "continue",
            "value": {**shown, "card": {"contentType": ADAPTIVE, "content": made}},
        }
    }


def drawn(field: Field, given: str) -> Element:
    """A field as an input, with what was filled in before."""
    name, label = GIVEN + field.name, f"{field.name}: {field.hint}".rstrip(": ")
    needed: Element = {
        "isRequired": field.required,
        "errorMessage": field.wrong("") or "Correct this.",
    }
    value = {"value": given} if given else {}
    if field.kind == "choice":
        return select(name, label, dict.fromkeys(field.choices, ""), given) | needed
    if field.kind in ("whole", "number"):
        bounds = {"min": field.least, "max": field.most}
        known = {key: bound for key, bound in bounds.items() if bound is not None}
        if known:
            label += f" ({', '.join(f'{key} {bound:g}' for key, bound in known.items())})"
        number = {"type": "Input.Number", "id": name, "label": cut(label, LINE), **known}
        return number | needed | ({"value": float(given)} if is_number(given) else {})
    asked = {"type": "Input.Text", "id": name, "label": cut(label, LINE), "maxLength": LONGEST}
    return asked | needed | value


def reason(label: str, typed: Mapping[str, str]) -> Element:
    return {
        "type": "Input.Text",
        "id": REASON,
        "label": label,
        "isMultiline": True,
        "maxLength": REASONED,
        "isRequired": True,
        "errorMessage": "Say why, in a few words.",
        "value": typed.get(REASON, ""),
    }


def select(name: str, label: str, options: Mapping[str, str], given: str = "") -> Element:
    """`options`: what is shown, by value; "": the value itself."""
    made = [{"title": cut(shown or value, 200), "value": value} for value, shown in options.items()]
    asked: Element = {
        "type": "Input.ChoiceSet",
        "id": name,
        "label": cut(label, LINE),
        "choices": made,
    }
    asked |= {"isRequired": True, "errorMessage": "Choose one."}
    return asked | ({"value": given} if given in options else {})


def typed(data: Mapping[str, Any]) -> dict[str, str]:
    """What a person filled in, by input."""
    inputs = (RUNBOOK, REASON)
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in data.items()
        if (name in inputs or name.startswith(GIVEN)) and value is not None
    }


def is_number(given: str) -> bool:
    try:
        float(given)
    except ValueError:
        return False
    return True
