"""Times as people say them: "since the deploy", "last 2 h", "yesterday 14:00", "for an hour". UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
UNIT = r"(?P<unit>seconds?|secs?|s|minutes?|mins?|min|m|hours?|hrs?|hr|h|days?|d|weeks?|w)\b"
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "forty five": 45, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
COUNTS = NUMBERS | {
    "a": 1, "an": 1, "the": 1, "half a": 0.5, "half an": 0.5, "one and a half": 1.5,
    "quarter of an": 0.25, "a quarter of an": 0.25, "three quarters of an": 0.75,
    "couple of": 2, "a couple of": 2, "few": 3, "a few": 3,
}  # fmt: skip
COUNT = r"(?P<count>\d+(?:\.\d+)?|" + "|".join(sorted(COUNTS, key=len, reverse=True)) + r")\s*"
DAY = r"(?P<day>today|yesterday|this morning|last night|\d{4}-\d\d-\d\d)"
CLOCK = r"(?P<clock>[0-2]?\d:[0-5]\d(?::[0-5]\d)?|\d{1,2}\s?(?:am|pm)|noon|midnight)(?:\s*utc|z)?"
DEPLOY = (
    r"(?:the |its |their |our |that |this )?(?:last |latest |newest |recent )?"
    r"(?:deploy(?:ment)?|release|rollout|roll-out|version|change|config change)\b"
)
TROUBLE = r"(?:the |this |that )?(?:incident|outage|trouble|problem|alert)\b(?: began| started)?"
Anchor = Literal["", "deploy", "incident"]


@dataclass(frozen=True)
class Span:
    """A stretch of time that was asked for; `anchor` is to be looked up: since the last deploy."""

    since: datetime | None = None
    until: datetime | None = None
    anchor: Anchor = ""
    said: str = ""

    @property
    def empty(self) -> bool:
        return self.since is None and not self.anchor


def lasting(count: str, unit: str) -> timedelta:
    number = COUNTS[count] if count in COUNTS else float(count)
    return timedelta(seconds=number * UNITS[unit[0]])


def clock_on(day: datetime, clock: str) -> datetime:
    """A time of day on this day. Raises ValueError for 25:00."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    if clock in ("noon", "midnight"):
        return midnight + timedelta(hours=12 if clock == "noon" else 0)
    if half := re.fullmatch(r"(\d{1,2})\s?(am|pm)", clock):
        hour = int(half[1]) % 12 + (12 if half[2] == "pm" else 0)
        return midnight + timedelta(hours=hour)
    hour, minute, *rest = (int(part) for part in clock.split(":"))
    if hour > 23:
        raise ValueError(clock)
    return midnight + timedelta(hours=hour, minutes=minute, seconds=rest[0] if rest else 0)


def day_of(word: str | None, now: datetime) -> datetime:
    if not word or word in ("today", "this morning"):
        return now
    if word in ("yesterday", "last night"):
        return now - timedelta(days=1)
    return datetime.fromisoformat(word).replace(tzinfo=now.tzinfo)


def point(match: re.Match[str], now: datetime, tail: str = "") -> datetime | None:
    """The moment a day and a clock name; the newest one that is not to come."""
    day, clock = match[f"day{tail}"], match[f"clock{tail}"]
    try:
        base = day_of(day, now)
        if clock is None:
            hour = {"this morning": 6, "last night": 20}.get(day or "", 0)
            return clock_on(base, "midnight") + timedelta(hours=hour)
        at = clock_on(base, clock)
    except ValueError:
        return None
    return at - timedelta(days=1) if at > now and not day else at


def twice(pattern: str, tail: str) -> str:
    """The same pattern with other group names."""
    return re.sub(r"\?P<(\w+)>", rf"?P<\g<1>{tail}>", pattern)


ONE = rf"(?:{DAY}\s*(?:,|at |around )?\s*)?{CLOCK}"
BETWEEN = re.compile(
    rf"\b(?:between|from)\s+{ONE}\s+(?:and|to|until|till|-)\s+{twice(ONE, '2')}", re.I
)
ANCHORED = re.compile(
    rf"\b(?:since|after|from)\s+(?:(?P<deploy>{DEPLOY})|(?P<trouble>{TROUBLE}))", re.I
)
LAST = re.compile(
    rf"\b(?:(?:in|over|during|for|within|of)\s+)?(?:the\s+)?(?:last|past|previous)\s+(?:{COUNT})?{UNIT}",
    re.I,
)
AGO = re.compile(rf"\b(?:since|from)?\s*(?:about |around )?{COUNT}{UNIT}\s+ago\b", re.I)
SINCE = re.compile(rf"\b(?:since|from|after)\s+{ONE}", re.I)
SINCE_DAY = re.compile(rf"\b(?:since|from)\s+{DAY}(?P<clock>(?!))?", re.I)
AT = re.compile(
    rf"\b(?:at|around|about)\s+{CLOCK}(?:\s+{DAY})?"
    rf"|\b{twice(DAY, '2')}\s*,?\s*(?:at |around )?{twice(CLOCK, '2')}",
    re.I,
)
ON_DAY = re.compile(
    r"\b(?:on\s+)?(?P<day>today|yesterday|this morning|last night|\d{4}-\d\d-\d\d)\b", re.I
)


PERIOD = re.compile(
    r"\b(?:(?:in|during|over|through) the night|overnight|(?:in |during |over )?(?P<period>this week|this month))\b",
    re.I,
)


def span_in(text: str, now: datetime) -> tuple[Span, str]:
    """The stretch of time that a text names, and the text with `xtime` in its place."""
    for pattern in (BETWEEN, ANCHORED, LAST, AGO, SINCE, SINCE_DAY, AT, ON_DAY, PERIOD):
        match = pattern.search(text)
        if match is None:
            continue
        found = _span(pattern, match, now)
        if found is not None:
            return found, f"{text[: match.start()]} xtime {text[match.end() :]}"
    return Span(), text


def _span(pattern: re.Pattern[str], match: re.Match[str], now: datetime) -> Span | None:
    said = " ".join(match.group().split())
    if pattern is BETWEEN:
        first, last = point(match, now), point(match, now, "2")
        if first and last and match["day"] and not match["day2"]:
            last = clock_on(day_of(match["day"], now), match["clock2"])
        return Span(first, last, said=said) if first and last and first < last else None
    if pattern is ANCHORED:
        return Span(anchor="deploy" if match["deploy"] else "incident", said=said)
    if pattern in (LAST, AGO):
        back = lasting((match["count"] or "a").lower(), match["unit"].lower())
        return Span(now - back, now, said=said)
    if pattern in (SINCE, SINCE_DAY):
        at = point(match, now)
        return Span(at, now, said=said) if at and at < now else None
    if pattern is AT:
        at = point(match, now, "2" if match["clock2"] else "")
        around = timedelta(minutes=15)
        return Span(at - around, min(at + around, now), said=said) if at and at <= now else None
    if pattern is PERIOD:
        period = (match["period"] or "").lower()
        days = {"this week": now.weekday(), "this month": now.day - 1}.get(period, 1)
        since = clock_on(now - timedelta(days=days), "midnight")
        return Span(since if period else since + timedelta(hours=20), now, said=said)
    day = day_of(match["day"].lower(), now)
    begin = clock_on(day, "midnight")
    return Span(begin, min(begin + timedelta(days=1), now), said=said) if begin < now else None
