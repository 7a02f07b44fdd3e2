"""An alert with one beginning: which of its states are news, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from chimera.domain import Alert

# Notes: the Unix second in which the newest ending of an alert with one beginning was heard of,
# a colon, and how many there were.
ENDINGS = "endings"

# A "firing" that comes so soon after the ending was on its way before it: the other Alertmanager of
# a pair, or a retry, speaks of the past. None is on its way for longer: a notification is retried
# for one group interval. A later one is true: Alertmanager ends an alert of which it hears nothing
# (Prometheus was away), and the same alert with the same beginning fires again afterwards.
ON_ITS_WAY = timedelta(hours=1)

MANY = 500  # alerts of one statement; SQLite takes some 30,000 values


def episode_of(alert: Alert) -> str:
    """An alert with one beginning, however its sender writes the time."""
    return f"{alert.fingerprint}/{alert.began.astimezone(UTC).isoformat()}"


def state_of(alert: Alert, heard: datetime, endings: int, came: datetime) -> str:
    """The name of what an alert says of its episode; "" for what is over and was on its way."""
    if alert.ended:
        return alert.ended.astimezone(UTC).isoformat()
    if not endings:
        return "firing"
    return f"firing/{endings}" if came - heard > ON_ITS_WAY else ""


def rounds(
    ordered: Iterable[tuple[str, Alert, int]],
) -> Iterator[dict[str, tuple[Alert, int]]]:
    """Each alert by its episode, with a number of the caller's: at most `MANY` at once, and the
    states of one alert one after another."""
    some: dict[str, tuple[Alert, int]] = {}
    for name, alert, number in ordered:
        if name in some or len(some) == MANY:
            yield some
            some = {}
        some[name] = (alert, number)
    if some:
        yield some


def noted(heard: datetime, endings: int) -> str:
    """A note. Ten digits of seconds for centuries, so that pruning may compare texts."""
    return f"{int(heard.timestamp())}:{endings}"


def counted(note: str) -> tuple[datetime, int]:
    """A note, read."""
    heard, _, endings = note.partition(":")
    return datetime.fromtimestamp(int(heard), UTC), int(endings)
