"""A Microsoft 365 tenant: a team with its channels, people, and what was written."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.secrets import Secrets

BOT_NAME = "Chimera"
Message = dict[str, Any]
SHOWN = ("text", "summary", "attachments")  # what an edit replaces


class Tenant:
    """Messages live in the Book under `<conversation>/<id>`.

    A channel's thread is `<channel>;messageid=<first message>`; `a:<object id>` is what a person
    and the bot write to each other alone.
    """

    def __init__(self, book: Book, secrets: Secrets) -> None:
        self._book = book
        self.id = secrets.teams_tenant
        self.team = secrets.teams_team
        self.app_id = secrets.teams_app_id
        self.users = secrets.teams_users
        self.channels = secrets.teams_channels

    @property
    def bot(self) -> dict[str, str]:
        return {"id": f"28:{self.app_id}", "name": BOT_NAME}

    def person(self, user: str) -> dict[str, str]:
        return {"id": f"29:{user}", "name": self.users[user].title(), "aadObjectId": user}

    def place(self, conversation: str) -> tuple[str, str] | None:
        """(channel or personal chat, first message of the thread or ""); None: there is none."""
        where, _, root = conversation.partition(";messageid=")
        if where.startswith("a:") and where[2:] in self.users and not root:
            return where, ""
        if where in self.channels and (not root or self.message(where, root) is not None):
            return where, root
        return None

    def new_id(self) -> str:
        """The time in milliseconds, as Teams names messages; never twice the same."""
        last = (self._book.get("sequence", "teams_id") or {"last": 0})["last"]
        millis = max(int(time.time() * 1e3), last + 1)
        self._book.put("sequence", "teams_id", {"last": millis})
        return str(millis)

    def keep(self, where: str, message: Message) -> None:
        self._book.put("teams_message", f"{where}/{message['id']}", {**message, "where": where})

    def write(self, where: str, root: str, activity: dict[str, Any]) -> Message:
        """A new message; without a root it is one in a channel, or in a personal chat."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        message = {"id": self.new_id(), "root": root, "at": at}
        message |= {key: activity[key] for key in ("from", *SHOWN) if key in activity}
        self.keep(where, message)
        return message

    def message(self, where: str, at: str) -> Message | None:
        return self._book.get("teams_message", f"{where}/{at}")

    def messages(self, where: str | None = None) -> list[Message]:
        """Oldest first."""
        every = self._book.all("teams_message")
        return [one for one in every if where is None or one["where"] == where]

    def remove(self, where: str, at: str) -> None:
        self._book.remove("teams_message", f"{where}/{at}")
