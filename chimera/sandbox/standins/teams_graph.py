"""Graph's messages of a team's channel, for an app that its owner let read them."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.adaptive_card import ADAPTIVE
from chimera.sandbox.standins.secrets import Secrets
from chimera.sandbox.standins.teams_login import TeamsLogin
from chimera.sandbox.standins.tenant import Message, Tenant


class TeamsGraph:
    """GET below /teams/graph/v1.0; newest first, in pages."""

    def __init__(self, secrets: Secrets, tenant: Tenant, login: TeamsLogin) -> None:
        self._may_read = secrets.teams_may_read
        self._tenant = tenant
        self._login = login

    def routes(self) -> list[web.RouteDef]:
        messages = "/teams/graph/v1.0/teams/{team}/channels/{channel}/messages"
        return [web.get(messages, self.read), web.get(messages + "/{root}/replies", self.read)]

    async def read(self, request: web.Request) -> web.Response:
        if not self._login.opens(request, "graph"):
            return failed(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
        if not self._may_read:
            said = (
                "Missing role permissions on the request. API requires 'ChannelMessage.Read.Group'."
            )
            return failed(403, "Forbidden", said)
        channel, root = request.match_info["channel"], request.match_info.get("root", "")
        if request.match_info["team"] != self._tenant.team or channel not in self._tenant.channels:
            return failed(404, "NotFound", "No such team or channel.")
        if root and self._tenant.message(channel, root) is None:
            return failed(404, "NotFound", "No such message.")
        found = [one for one in self._tenant.messages(channel) if one["root"] == root][::-1]
        try:
            top = min(int(request.query.get("$top", 20)), 50)
            start = int(request.query.get("$skiptoken", 0))
        except ValueError:
            return failed(400, "BadRequest", "Invalid query option.")
        page: dict[str, Any] = {"value": [as_graph(one) for one in found[start : start + top]]}
        if start + top < len(found):
            here = f"{request.scheme}://{request.host}{request.path}"
            page["@odata.nextLink"] = f"{here}?$top={top}&$skiptoken={start + top}"
        return web.json_response(page)


def as_graph(message: Message) -> dict[str, Any]:
    """A card's content is JSON within JSON there."""
    return {
        "id": message["id"],
        "replyToId": message["root"] or None,
        "createdDateTime": message["at"],
        "from": {"application": {"displayName": message["from"]["name"]}},
        "body": {"contentType": "html", "content": message.get("text", "")},
        "attachments": [
            {**one, "content": json.dumps(one["content"])}
            for one in message.get("attachments") or ()
            if one.get("contentType") == ADAPTIVE
        ],
    }


def failed(status: int, code: str, said: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": said}}, status=status)
