"""What people write in Slack: kept in its channel, sent on as the Events API does, and again."""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.interactions import Interactions, sent
from chimera.sandbox.standins.workspace import APP_ID, BOT_USER, Message, Workspace


class SlackTalk:
    """POST /slack/say: a person writes. POST /slack/again: the same events are delivered again."""

    def __init__(self, workspace: Workspace, interactions: Interactions) -> None:
        self._workspace = workspace
        self._interactions = interactions
        self._sent: dict[str, list[str]] = {}  # bodies by the message's ts

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/slack/say", self.say), web.post("/slack/again", self.again)]

    async def say(self, request: web.Request) -> web.Response:
        """{user, text, channel, thread_ts, deliveries}: the message's ts is in its record.

        Without a channel it is the first of the workspace; D and the rest of a user's id are that
        person's direct messages. A text with the app's mention comes as two events, as in Slack.
        """
        asked = await sent(request)
        user, text = str(asked.get("user", "")), str(asked.get("text", ""))
        if user not in self._workspace.users:
            raise web.HTTPNotFound(text="there is no such user")
        channel = str(asked.get("channel") or next(iter(self._workspace.channels)))
        message: Message = {
            "type": "message",
            "user": user,
            "text": text,
            "ts": self._workspace.new_ts(),
            "team": self._workspace.team,
            **({"thread_ts": str(asked["thread_ts"])} if asked.get("thread_ts") else {}),
        }
        self._workspace.keep(channel, message)
        private = self._workspace.direct(channel)
        kinds = ["message"]
        if f"<@{BOT_USER}>" in text and not private:
            kinds.insert(0, "app_mention")
        self._sent[message["ts"]] = [
            json.dumps(self._event(kind, channel, private, message)) for kind in kinds
        ]
        return await self._deliver(request, message["ts"], asked)

    async def again(self, request: web.Request) -> web.Response:
        """{ts, deliveries}: as Slack does with what was not acknowledged in time."""
        asked = await sent(request)
        ts = str(asked.get("ts", ""))
        if ts not in self._sent:
            raise web.HTTPNotFound(text="nothing of this name was sent")
        return await self._deliver(request, ts, asked)

    async def _deliver(self, request: web.Request, ts: str, asked: Any) -> web.Response:
        answer = web.Response()
        for body in self._sent[ts]:
            answer = await self._interactions.deliver(request, body, asked, {"said": ts})
        return answer

    def _event(self, kind: str, channel: str, private: bool, message: Message) -> dict[str, Any]:
        """The envelope of one event."""
        where = {"channel": channel, "event_ts": message["ts"], "type": kind}
        if kind == "message":
            where["channel_type"] = "im" if private else "channel"
        team = self._workspace.team
        return {
            "type": "event_callback",
            "token": "unused",
            "team_id": team,
            "api_app_id": APP_ID,
            "event": {**message, **where},
            "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}",
            "event_time": int(float(message["ts"])),
            "authorizations": [
                {"enterprise_id": None, "team_id": team, "user_id": BOT_USER, "is_bot": True}
            ],
            "is_ext_shared_channel": False,
        }
