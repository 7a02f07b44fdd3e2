"""What Teams asks of an Adaptive Card, checked as Teams checks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chimera.platform.loopback import is_loopback

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
BIGGEST = 28 * 1024  # bytes of a message
MOST_ACTIONS = 6
INPUTS = {"Input.Text", "Input.Number", "Input.ChoiceSet", "Input.Toggle"}
TYPES = {
    *("TextBlock", "RichTextBlock", "Container", "ColumnSet", "FactSet", "Image", "ActionSet"),
    *("Table", *INPUTS),
}
ACTIONS = {"Action.Execute", "Action.Submit", "Action.OpenUrl", "Action.ShowCard"}
Card = dict[str, Any]
Element = dict[str, Any]


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


def complaints(card: Card) -> Iterator[str]:
    names: set[str] = set()
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
        if kind == "Image":
            yield wrong_image(element)
        if kind in INPUTS:
            yield wrong_input(element, names)
    for action in actions(card):
        yield wrong_action(action)


def wrong_image(element: Element) -> str:
    url = element.get("url")
    if not isinstance(url, str) or not url:
        return "an Image needs a url"
    if not url.startswith(("https://", "data:image/")) and not is_loopback(url):
        return "Teams shows images from https addresses alone"
    return ""


def wrong_input(element: Element, names: set[str]) -> str:
    """An input needs an id of its own; Teams asks for a label too."""
    name = element.get("id")
    if not isinstance(name, str) or not name or name in names:
        return f"an input needs an id of its own, not {name!r}"
    names.add(name)
    if not element.get("label"):
        return f"the input {name!r} needs a label"
    if element.get("isRequired") and not element.get("errorMessage"):
        return f"the input {name!r} is required and needs an errorMessage"
    if element["type"] == "Input.ChoiceSet" and not element.get("choices"):
        return f"the input {name!r} needs choices"
    return ""


def wrong_action(action: Element) -> str:
    if action.get("type") not in ACTIONS:
        return f"unknown action {action.get('type')!r}"
    if action["type"] == "Action.Execute" and not action.get("verb"):
        return "an Action.Execute needs a verb"
    if action["type"] == "Action.Submit" and not isinstance(action.get("data", {}), dict):
        return "an Action.Submit's data must be an object here"
    if action.get("style", "default") not in ("default", "positive", "destructive"):
        return f"unknown style {action['style']!r}"
    return ""


def elements(body: Any) -> Iterator[Element]:
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


def actions(card: Card) -> list[Element]:
    """A card's buttons, those within it and within the cards that they show too."""
    found = list(card.get("actions", ()))
    for element in elements(card.get("body", [])):
        if element.get("type") == "ActionSet":
            found += element.get("actions", ())
    shown = [one["card"] for one in found if one.get("type") == "Action.ShowCard"]
    return found + [action for inner in shown for action in actions(inner)]


def cards(message: dict[str, Any]) -> list[Card]:
    """The cards of a message."""
    attachments = message.get("attachments") or ()
    return [one["content"] for one in attachments if one.get("contentType") == ADAPTIVE]


def unfilled(card: Card, values: dict[str, Any]) -> dict[str, str]:
    """What Teams' own client says below inputs, before it sends anything."""
    wrong = {}
    for element in elements(card.get("body", [])):
        if element.get("type") not in INPUTS:
            continue
        value = str(values.get(element["id"], element.get("value", "")))
        said = str(element.get("errorMessage", "This is wrong."))
        if not value:
            if element.get("isRequired"):
                wrong[element["id"]] = said
        elif element["type"] == "Input.ChoiceSet":
            if value not in [one["value"] for one in element["choices"]]:
                wrong[element["id"]] = said
        elif element["type"] == "Input.Number":
            try:
                number = float(value)
            except ValueError:
                wrong[element["id"]] = said
                continue
            if not element.get("min", number) <= number <= element.get("max", number):
                wrong[element["id"]] = said
        elif len(value) > element.get("maxLength", len(value)):
            wrong[element["id"]] = said
    return wrong


def filled(card: Card, values: dict[str, Any]) -> dict[str, Any]:
    """What the client sends of a card's inputs: numbers as numbers, what was left as it stood."""
    found: dict[str, Any] = {}
    for element in elements(card.get("body", [])):
        if element.get("type") in INPUTS:
            value: Any = values.get(element["id"], element.get("value", ""))
            if element["type"] == "Input.Number":
                number = float(str(value)) if str(value) else None
                value = int(number) if number is not None and number.is_integer() else number
            found[element["id"]] = value
    return found
