"""What Slack's verified payloads say: who acts, and what a button stands for."""

from __future__ import annotations

import json
from typing import Any

from chimera.domain import Refused


def actor(body: dict[str, Any]) -> tuple[str, str]:
    """(team, user) of a verified payload. In a shared channel the user's own team counts."""
    user = body.get("user")
    if isinstance(user, dict):
        return str(user.get("team_id") or (body.get("team") or {}).get("id", "")), str(user["id"])
    return str(body.get("team_id", "")), str(body.get("user_id", ""))


def plan_of(action: dict[str, Any]) -> tuple[str, str]:
    """Which order and which plan a button stands for."""
    try:
        value = json.loads(action["value"])
        return str(value["order"]), str(value["plan"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            "this button is not one of Chimera's; answer with `chimera orders`"
        ) from error


def incident_of(action: dict[str, Any]) -> str:
    """Which incident a button speaks of."""
    try:
        return str(json.loads(action["value"])["incident"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("this button is not one of Chimera's; use `chimera alerts`") from error


def cause_of(action: dict[str, Any]) -> str:
    """Which cause a button doubts."""
    try:
        return str(json.loads(action["value"])["cause"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            "this button is not one of Chimera's; use `chimera incidents veto`"
        ) from error


def kept_in(view: dict[str, Any]) -> dict[str, Any]:
    """What a form keeps for whoever reads it when it is sent."""
    try:
        kept = json.loads(view.get("private_metadata") or "{}")
    except ValueError as error:
        raise Refused("this form is not one of Chimera's; open it again") from error
    return kept if isinstance(kept, dict) else {}


def typed(view: dict[str, Any]) -> dict[str, str]:
    """What a person filled in, by field."""
    found = {}
    for block, actions in ((view.get("state") or {}).get("values") or {}).items():
        for one in actions.values():
            chosen = one.get("selected_option") or {}
            found[str(block)] = str(chosen.get("value") or one.get("value") or "")
    return found
