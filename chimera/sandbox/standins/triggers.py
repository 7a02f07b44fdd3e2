"""Trigger ids: each opens one view, within seconds of what a person did."""

from __future__ import annotations

import time
import uuid

from chimera.sandbox.standins.workspace import SlackError

LIFE = 3.0  # seconds


class Triggers:
    """`life` is how long a trigger id opens a view."""

    def __init__(self, life: float = LIFE) -> None:
        self._life = life
        self._issued: dict[str, tuple[float, str]] = {}
        self._spent: set[str] = set()

    def issue(self, user: str) -> str:
        trigger = f"{int(time.time() * 1000)}.{uuid.uuid4().hex}"
        self._issued[trigger] = time.monotonic(), user
        return trigger

    def spend(self, trigger: str) -> str:
        """Whose it is. Raises SlackError for one that is unknown, too old or was used before."""
        if trigger not in self._issued:
            raise SlackError("invalid_trigger_id")
        if trigger in self._spent:
            raise SlackError("exchanged_trigger_id")
        issued, user = self._issued[trigger]
        if time.monotonic() - issued >= self._life:
            raise SlackError("expired_trigger_id")
        self._spent.add(trigger)
        return user
