"""A Slack workspace: its team, people, channels and messages."""

from __future__ import annotations

import time
from typing import Any

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.secrets import Secrets

BOT_USER, BOT_ID, APP_ID = "U0CHIMERA1", "B0CHIMERA1", "A0CHIMERA1"
TEAM_NAME = "panther-retail"
Message = dict[str, Any]


class SlackError(Exception):
    """An `{"ok": false}`: Slack answers most errors with HTTP 200."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **more}


class Workspace:
    """Messages live in the Book under `<channel id>/<ts>`."""

    def __init__(self, book: Book, secrets: Secrets) -> None:
        self._book = book
        self.team = secrets.slack_team
        self.users = secrets.slack_users
        self.channels = secrets.slack_channels

    def channel(self, given: str, by_name: bool = False) -> str:
        """A channel's id. Only posting takes a name, or a person for their direct messages."""
        if given in self.channels or self.direct(given):
            return given
        if by_name and given in self.users:
            return f"D{given[1:]}"
        for channel_id, name in self.channels.items():
            if by_name and given.removeprefix("#") == name:
                return channel_id
        raise SlackError("channel_not_found")

    def direct(self, channel: str) -> bool:
        """Whether it is somebody's direct messages with the app: D0ALICE001 is U0ALICE001's."""
        return channel.startswith("D") and f"U{channel[1:]}" in self.users

    def user(self, user_id: str) -> dict[str, Any]:
        """A user object. Raises SlackError."""
        names = {**self.users, BOT_USER: "chimera"}
        if user_id not in names:
            raise SlackError("user_not_found")
        name = names[user_id]
        return {
            "id": user_id,
            "team_id": self.team,
            "name": name,
            "real_name": name.title(),
            "is_bot": user_id == BOT_USER,
            "deleted": False,
            "profile": {"email": f"{name}@{TEAM_NAME}.example", "display_name": name},
        }

    def new_ts(self) -> str:
        """A timestamp that no message has had: they are ids too."""
        last = (self._book.get("sequence", "slack_ts") or {"last": 0})["last"]
        micros = max(int(time.time() * 1e6), last + 1)
        self._book.put("sequence", "slack_ts", {"last": micros})
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def keep(self, channel: str, message: Message) -> None:
        self._book.put(
            "slack_message", f"{channel}/{message['ts']}", {**message, "channel": channel}
        )

    def post(self, channel: str, thread_ts: str, said: Message) -> Message:
        """Keep a new message of the app's, in a thread if one is named. Raises SlackError."""
        if thread_ts and self.message(channel, thread_ts) is None:
            raise SlackError("thread_not_found")
        message: Message = {
            "type": "message",
            "ts": self.new_ts(),
            "user": BOT_USER,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "team": self.team,
            **said,
        }
        if thread_ts:
            message["thread_ts"] = thread_ts
        self.keep(channel, message)
        return message

    def message(self, channel: str, ts: str) -> Message | None:
        return self._book.get("slack_message", f"{channel}/{ts}")

    def messages(self, channel: str | None = None) -> list[Message]:
        """Oldest first."""
        return [
            m for m in self._book.all("slack_message") if channel is None or m["channel"] == channel
        ]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A message and the replies to it."""
        parent = self.message(channel, ts)
        if parent is None:
            raise SlackError("thread_not_found")
        root = parent.get("thread_ts", ts)
        return [m for m in self.messages(channel) if root in (m["ts"], m.get("thread_ts"))]
