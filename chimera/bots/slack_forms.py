"""Chimera's forms as Slack's modals: a reason, a choice of runbooks, one's parameters, its plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chimera.bots.form_fields import LONGEST, Field
from chimera.bots.slack_blocks import LABEL, Block, cut, escaped, section
from chimera.domain import RunbookCard

View = dict[str, Any]
DENIAL, CHOICE, ORDER, PLAN = "chimera_denial", "chimera_choice", "chimera_order", "chimera_plan"
REASON, RUNBOOK = "reason", "runbook"  # fields
REASONED = 1000  # characters
TITLE = 24  # of a modal
KEPT = 3000  # characters of what a modal keeps


def denial(order: str, plan: str, press: str) -> View:
    """Why not?"""
    kept = {"order": order, "plan": plan, "press": press}
    hint = "It is written into the record, and to whoever asked for the change."
    blocks = [section(f"Deny order *{escaped(order)}*."), reason("Why not?", hint)]
    return modal(DENIAL, "Deny an order", blocks, kept, "Deny")


def choice(cards: Sequence[RunbookCard]) -> View:
    """Which runbook?"""
    options = {
        card.name: f"{card.name}: {card.summary}" for card in sorted(cards, key=lambda c: c.name)
    }
    return modal(CHOICE, "Run a runbook", [select(RUNBOOK, "Which one?", options)], {}, "Next")


def order(card: RunbookCard, fields: Sequence[Field]) -> View:
    """With what, and why? Nothing is placed by sending it: the plan comes first."""
    back = "reversible" if card.reversible else "no way back"
    said = f"*{escaped(card.name)}*: {escaped(card.summary)}. Risk {card.risk.value}, {back}."
    hint = "It stands in the order; whoever approves it reads it."
    blocks = [section(said), *(drawn(field) for field in fields), reason("Why?", hint)]
    return modal(ORDER, "Run a runbook", blocks, {RUNBOOK: card.name}, "Show the plan")


def plan(text: str, kept: Mapping[str, Any]) -> View:
    """What exactly would be done; sending it places the order."""
    note = "Sending this places the order. Policy decides then; an approval is somebody else's."
    blocks = [section(escaped(text)), section(f"_{note}_")]
    return modal(PLAN, "The plan", blocks, kept, "Place the order")


def said(text: str) -> View:
    """What became of it."""
    view = modal("chimera_said", "Chimera", [section(escaped(text))], {}, "")
    return {**view, "close": plain("Close")}


def modal(name: str, title: str, blocks: list[Block], kept: Mapping[str, Any], send: str) -> View:
    view: View = {
        "type": "modal",
        "callback_id": name,
        "title": plain(cut(title, TITLE)),
        "blocks": blocks,
        "private_metadata": json.dumps(kept),
    }
    return view | {"submit": plain(send), "close": plain("Cancel")} if send else view


def drawn(field: Field) -> Block:
    """A field as an input block; its id is the field's name."""
    hint = field.hint
    if field.least is not None and field.most is not None:
        hint = f"{hint} ({field.least:g} to {field.most:g})".strip()
    if field.kind == "choice":
        block = select(field.name, field.name, dict.fromkeys(field.choices, ""), field.given)
    else:
        element: Block = {"type": "plain_text_input", "action_id": "text", "max_length": LONGEST}
        block = asked(
            field.name,
            field.name,
            element | ({"initial_value": field.given} if field.given else {}),
        )
    if not field.required:
        block["optional"] = True
    return block | ({"hint": plain(cut(hint, 2000))} if hint else {})


def reason(label: str, hint: str) -> Block:
    element = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": REASONED,
    }
    return asked(REASON, label, element) | {"hint": plain(hint)}


def select(name: str, label: str, options: Mapping[str, str], given: str = "") -> Block:
    """`options`: what is shown, by value; "": the value itself."""
    made = {v: {"text": plain(cut(shown or v, LABEL)), "value": v} for v, shown in options.items()}
    element: Block = {
        "type": "static_select",
        "action_id": "chosen",
        "options": list(made.values())[:100],
    }
    if given in made:
        element["initial_option"] = made[given]
    return asked(name, label, element)


def asked(name: str, label: str, element: Block) -> Block:
    return {"type": "input", "block_id": name, "label": plain(label), "element": element}


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
