"""The buttons that people press in Teams, as each of them sees the card, and what comes back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.adaptive_card import ADAPTIVE, actions, cards
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.interactions import sent
from chimera.sandbox.standins.teams_answers import DIALOG, became, wrong_answer
from chimera.sandbox.standins.teams_talk import TeamsTalk
from chimera.sandbox.standins.tenant import Tenant


class TeamsPresses:
    """POST /teams/press. A card that comes back is that person's own; a dialog opens for them."""

    def __init__(self, book: Book, tenant: Tenant, talk: TeamsTalk) -> None:
        self._book = book
        self._tenant = tenant
        self._talk = talk

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/teams/press", self.press)]

    async def press(self, request: web.Request) -> web.Response:
        """{user, id, verb, data, old, deliveries}: a button of a card as this person sees it; `data`
        tells buttons of one verb apart, `old` is a client without Action.Execute."""
        asked = await sent(request)
        user, at = self._talk.user(asked), str(asked.get("id", ""))
        message = next((one for one in self._tenant.messages() if one["id"] == at), None)
        if message is None:
            raise web.HTTPNotFound(text="there is no such message")
        pressed = self.button(user, message, asked)
        if pressed is None:
            raise web.HTTPConflict(text="the message has no such button (any more)")
        base = self._talk.base(request, user, message["where"], message["root"] or at)
        activity = {**base, "replyToId": at}
        data = pressed.get("data") or {}
        if pressed["type"] == "Action.Submit" and (data.get("msteams") or {}).get("type"):
            activity |= {"type": "invoke", "name": "task/fetch"}
            activity |= {"value": {"data": data, "context": {"theme": "default"}}}
        elif asked.get("old"):
            activity |= {"type": "message", "value": pressed["fallback"]["data"]}
        else:
            named = {
                key: pressed[key] for key in ("type", "verb", "title", "data") if key in pressed
            }
            activity |= {"type": "invoke", "name": "adaptiveCard/action"}
            activity |= {"value": {"action": named, "trigger": "manual"}}
        replies = await self.invoke(user, activity, int(asked.get("deliveries", 1)))
        if request.content_type != "application/json":
            raise web.HTTPSeeOther("/teams")
        return web.json_response({"replies": replies})

    def button(
        self, user: str, message: dict[str, Any], asked: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The one that is meant, of the message as this person sees it."""
        own = self._book.get("teams_view", f"{user}/{message['id']}")
        data = asked.get("data") or {}
        data = json.loads(data) if isinstance(data, str) else data
        for card in [own] if own else cards(message):
            for one in actions(card):
                carries = one.get("data") or {}
                verb = one.get("verb") or carries.get("verb")
                if verb == asked.get("verb") and data.items() <= carries.items():
                    return one
        return None

    async def invoke(
        self, user: str, activity: dict[str, Any], deliveries: int
    ) -> list[dict[str, Any]]:
        """Send what a press or a form means, and show its person what comes back."""
        activity = {**activity, "id": f"f:{uuid.uuid4()}"}
        replies = await self._talk.deliver(activity, deliveries)
        if activity["type"] != "invoke":
            return replies
        for reply in replies:
            if why := wrong_answer(activity["name"], reply["status"], reply["body"]):
                reply["complaint"] = why
                self._book.write("teams", "refused", {"status": 200, "error": why})
                return replies
        body = replies[-1]["body"]
        if activity["name"] == "adaptiveCard/action":
            if body["type"] == ADAPTIVE:
                self._book.put("teams_view", f"{user}/{activity['replyToId']}", body["value"])
        else:
            base = {k: v for k, v in activity.items() if k not in ("id", "type", "name", "value")}
            self._book.put(DIALOG, user, {"user": user, "base": base, **became(body)})
        return replies

    def answers(self) -> list[dict[str, Any]]:
        """For the page: what pressing people were told alone, newest first."""
        told = []
        for line in self._book.lines("teams"):
            if line["event"] == "delivered" and line["body"]["activity"]["type"] == "invoke":
                body = line["body"]["replies"][0]["body"]
                told.append(
                    {
                        "at": line["at"],
                        "body": body.get("value") if isinstance(body, dict) else body,
                    }
                )
        return told[::-1]
