"""How long something shall last, as people say it: "for half an hour", "until 6", "2h". UTC."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from chimera.agents.understanding.times import CLOCK, COUNT, UNIT, clock_on, lasting, twice

AMOUNT = rf"{COUNT}{UNIT}(?P<half> and a half)?"
FOR = re.compile(
    rf"\b(?:for\s+(?:about |around |roughly |at least |just |only |the (?:next|coming) |another |a further )*"
    rf"(?:{AMOUNT}|(?P<one>hour|day|week))|(?:during|over) the next {twice(AMOUNT, '2')}"
    rf"|(?!(?:an?|the|few)\b){twice(AMOUNT, '3')}$)",
    re.I,
)
UNTIL = re.compile(
    r"\b(?:until|till|til)\s+(?:about |around )?(?:(?P<ahead>tomorrow)\s*(?:at )?)?"
    rf"(?:{CLOCK}|(?P<hour>\d{{1,2}})(?:\s*o'?clock)?(?![\w:.-])|(?P<day>tonight|(?:this )?evening|"
    r"(?:the )?end of (?:the )?day|eod|(?:tomorrow )?morning|tomorrow))",
    re.I,
)
HOURS = {"morning": 6, "tonight": 20, "evening": 20}  # when what is so called begins


def duration_in(text: str, now: datetime) -> tuple[timedelta | None, str]:
    """How long something shall last, and the text without it."""
    if match := FOR.search(text):
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        if match["one"]:
            return lasting("a", match["one"].lower()), rest
        tail = next(tail for tail in ("", "2", "3") if match[f"unit{tail}"])
        count, unit = match[f"count{tail}"].lower(), match[f"unit{tail}"].lower()
        half = lasting("half a", unit) if match[f"half{tail}"] else timedelta()
        return lasting(count, unit) + half, rest
    if match := UNTIL.search(text):
        at = ends(match, now)
        if at is not None:
            return at - now, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def ends(match: re.Match[str], now: datetime) -> datetime | None:
    """The next moment that an "until" names. A bare hour is the nearer one of the two a day has."""
    day = now + timedelta(days=bool(match["ahead"]))
    if match["day"]:
        word = match["day"].lower().split()[-1]
        return coming(clock_on(day, "midnight") + timedelta(hours=HOURS.get(word, 0)), now)
    if match["hour"] is None:
        try:
            return coming(clock_on(day, match["clock"].lower()), now)
        except ValueError:
            return None
    hour = int(match["hour"])
    if hour > 24:
        return None
    at = clock_on(day, "midnight") + timedelta(hours=hour)
    if hour > 12 or match["ahead"]:
        return coming(at, now)
    return min(coming(at, now), coming(at + timedelta(hours=12), now))


def coming(at: datetime, now: datetime) -> datetime:
    return at + timedelta(days=1) if at <= now else at
