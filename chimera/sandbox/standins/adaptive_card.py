"""What Teams asks of an Adaptive Card, checked as Teams checks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
BIGGEST = 28 * 1024  # bytes of a message
MOST_ACTIONS = 6
TYPES = {
    *("TextBlock", "RichTextBlock", "Container", "ColumnSet", "FactSet", "Image", "ActionSet"),
    *("Table", "Input.Text", "Input.ChoiceSet", "Input.Toggle"),
}
ACTIONS = {"Action.Execute", "Action.Submit", "Action.OpenUrl", "Action.ShowCard"}


def complaint(attachment: Any) -> str:
    """Why a message's attachment is not taken; "" if it is."""
    if not isinstance(attachment, dict) or not attachment.get("contentType"):
        return "attachment needs a contentType"
    if attachment["contentType"] != ADAPTIVE:
        return ""
    card = attachment.get("content")
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return "an adaptive card's content needs type AdaptiveCard"
    if str(card.get("version")) not in ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5"):
        return "Teams shows adaptive cards up to version 1.5"
    if len(card.get("actions", ())) > MOST_ACTIONS:
        return f"no more than {MOST_ACTIONS} actions"
    return next((said for said in complaints(card) if said), "")


def complaints(card: dict[str, Any]) -> Iterator[str]:
    for element in elements(card.get("body", ())):
        kind = element.get("type")
        if kind not in TYPES:
            yield f"unknown element {kind!r}"
        if kind == "TextBlock" and not isinstance(element.get("text"), str):
            yield "a TextBlock needs a text"
        if kind == "RichTextBlock":
            for run in element.get("inlines") or [{}]:
                text = run if isinstance(run, str) else run.get("text")
                if not isinstance(text, str) or not text:
                    yield "a TextRun needs a text"
    for action in card.get("actions", ()):
        if action.get("type") not in ACTIONS:
            yield f"unknown action {action.get('type')!r}"
        if action.get("type") == "Action.Execute" and not action.get("verb"):
            yield "an Action.Execute needs a verb"
        if action.get("style", "default") not in ("default", "positive", "destructive"):
            yield f"unknown style {action['style']!r}"


def elements(body: Any) -> Iterator[dict[str, Any]]:
    """Every element of a card, those in containers and tables too."""
    for element in body if isinstance(body, list) else [{"type": body}]:
        if not isinstance(element, dict):
            yield {"type": element}
            continue
        yield element
        yield from elements(element.get("items", []))
        for row in element.get("rows", ()):
            for cell in row.get("cells", ()):
                yield from elements(cell.get("items", []))


def actions(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons that a message shows."""
    return [
        action
        for attachment in message.get("attachments") or ()
        if attachment.get("contentType") == ADAPTIVE
        for action in attachment["content"].get("actions", ())
    ]
