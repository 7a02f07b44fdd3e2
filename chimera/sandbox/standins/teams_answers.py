"""What a bot answers to a press or a form: Teams shows it, or says that something went wrong."""

from __future__ import annotations

from typing import Any

from chimera.sandbox.standins.adaptive_card import ADAPTIVE, complaint

MESSAGE = "application/vnd.microsoft.activity.message"
DIALOG = "teams_dialog"  # kind of record
SIZES = ("small", "medium", "large")


def wrong_answer(invoke: str, status: int, body: Any) -> str:
    """Why an answer is not shown; "" if it is."""
    if status != 200:
        return f"HTTP {status}"
    if invoke == "adaptiveCard/action":
        return wrong_press(body)
    return wrong_task(body)


def wrong_press(body: Any) -> str:
    if not isinstance(body, dict) or body.get("statusCode") != 200:
        return "an answer to a press needs statusCode and type"
    if body.get("type") == MESSAGE:
        return "" if isinstance(body.get("value"), str) else "a message's value is a string"
    if body.get("type") == ADAPTIVE:
        return complaint({"contentType": ADAPTIVE, "content": body.get("value")})
    return f"unknown type {body.get('type')!r}"


def wrong_task(body: Any) -> str:
    """Without a task the dialog is closed."""
    task = body.get("task") if isinstance(body, dict) else None
    if not body or task is None:
        return ""
    value = task.get("value")
    if task.get("type") == "message":
        return "" if isinstance(value, str) and value else "a message needs a value"
    if task.get("type") != "continue" or not isinstance(value, dict):
        return "a task is a message, or goes on with a value"
    for side in ("height", "width"):
        size = value.get(side)
        if size is not None and not isinstance(size, int) and size not in SIZES:
            return f"{side} is a number or one of {', '.join(SIZES)}"
    card = value.get("card")
    if value.get("url"):
        return ""
    if not isinstance(card, dict) or card.get("contentType") != ADAPTIVE:
        return "a dialog needs a card or a url"
    return complaint(card)


def became(body: Any) -> dict[str, Any]:
    """What a person sees after an answer."""
    task = (body or {}).get("task") if isinstance(body, dict) else None
    if task is None:
        return {"became": "closed", "said": "", "card": None}
    if task["type"] == "message":
        return {"became": "message", "said": task["value"], "card": None}
    value = task["value"]
    return {
        "became": "dialog",
        "said": "",
        "title": value.get("title", ""),
        "card": value["card"]["content"],
    }
