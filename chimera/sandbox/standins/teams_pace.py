"""How fast a bot may call: in all, and how many messages one conversation takes."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque

MESSAGES = ((1.0, 7), (30.0, 60))  # (seconds, messages in one conversation)


class Pace:
    """What goes beyond is refused and does not count."""

    def __init__(self, calls_per_second: int) -> None:
        self._calls = ((1.0, calls_per_second),)
        self._past: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, conversation: str) -> int:
        """Seconds to wait, 0 where the call is taken. `conversation`: "" for one that posts nothing."""
        now = time.monotonic()
        asked = [("", self._calls), *([(conversation, MESSAGES)] if conversation else [])]
        waits = [self._over(name, limits, now) for name, limits in asked]
        if not any(waits):
            for name, _ in asked:
                self._past[name].append(now)
        return math.ceil(max(waits))

    def _over(self, name: str, limits: tuple[tuple[float, int], ...], now: float) -> float:
        past = self._past[name]
        while past and past[0] < now - limits[-1][0]:
            past.popleft()
        waits = [
            past[-most] + span - now
            for span, most in limits
            if len(past) >= most and past[-most] > now - span
        ]
        return max(waits, default=0.0)
