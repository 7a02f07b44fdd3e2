"""The days that a question over data speaks of: "on 2026-03-09", "yesterday", "in March", "on Friday"."""

# ruff: noqa: E501 -- words and patterns a line

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = "january february march april may june july august september october november december"
WEEK = "monday tuesday wednesday thursday friday saturday sunday"
ISO = r"\d{4}-\d\d-\d\d"
MONTH = rf"(?:{'|'.join(m[:3] + '(?:' + m[3:] + ')?' if m[3:] else m for m in MONTHS.split())})"
WEEKDAY = rf"(?:{'|'.join(WEEK.split())})"
DAY = (
    rf"(?:{ISO}|today|yesterday|the day before yesterday|(?:last |this )?{WEEKDAY}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}(?: \d{{4}})?|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?)"
)
LONG = rf"(?:{MONTH} \d{{4}}|(?<=in ){MONTH}|(?<=during ){MONTH}|(?<=for ){MONTH}|\d{{4}}-\d\d(?!-)|(?:this|last) (?:week|month|year))"
BETWEEN = re.compile(
    rf"\b(?:between|from) (?P<a>{DAY}) (?:and|to|until|till|-) (?P<b>{DAY})\b", re.I
)
PAIR = re.compile(
    rf"\b(?:on )?(?P<a>{DAY})(?:'s)?,? (?:vs\.?|versus|and|or|against|than|(?:as )?(?:compared|opposed) (?:to|with))(?: on| that of)? (?P<b>{DAY})(?:'s)?\b",
    re.I,
)
OPEN = re.compile(
    rf"\b(?P<how>since|after|before|until|till|up to|starting|from)(?: on| the)? (?P<a>{DAY})\b",
    re.I,
)
LAST = re.compile(
    r"\b(?:in|over|during|for|within|of)?\s*(?:the )?(?:last|past|previous) (?:(?P<n>\d+|two|three|seven|few) )"
    r"?(?P<unit>days?|weeks?|months?)\b",
    re.I,
)
ON = re.compile(rf"\b(?:(?:on|of|for|at|in|during) )?(?:the )?(?P<a>{DAY}|{LONG})(?:'s)?\b", re.I)
COUNTS = {"two": 2, "three": 3, "few": 3, "seven": 7}


def two_days_in(text: str, today: date) -> tuple[tuple[str, ...], str] | None:
    """The days that are held against each other, and what was said of them: "today vs yesterday"."""
    match = PAIR.search(text)
    if match is None or BETWEEN.search(text):
        return None
    days = [day_of(match[one], today) for one in ("a", "b")]
    single = [day[0].isoformat() for day in days if day and (day[1] - day[0]).days == 1]
    return (tuple(sorted(single)), match.group()) if len(set(single)) == 2 else None


def days_in(text: str, today: date) -> tuple[str, str, str] | None:
    """From, until (excluded; "" is open) and what was said of it; None where no day is spoken of."""
    if match := BETWEEN.search(text):
        first, last = day_of(match["a"], today), day_of(match["b"], today)
        if first and last:
            return first[0].isoformat(), last[1].isoformat(), match.group()
    if (match := OPEN.search(text)) and (one := day_of(match["a"], today)):
        how = match["how"].lower()
        if how in ("since", "starting", "from"):
            return one[0].isoformat(), "", match.group()
        if how == "after":
            return one[1].isoformat(), "", match.group()
        end = one[0] if how == "before" else one[1]
        return "", end.isoformat(), match.group()
    if (match := LAST.search(text)) and (match["n"] or match["unit"][-1] == "s"):
        count = COUNTS.get((match["n"] or "few").lower()) or int(match["n"])
        size = {"d": 1, "w": 7, "m": 30}[match["unit"][0].lower()]
        begin = today - timedelta(days=count * size - 1)
        return begin.isoformat(), (today + timedelta(days=1)).isoformat(), match.group()
    if (match := ON.search(text)) and (one := day_of(match["a"], today)):
        return one[0].isoformat(), one[1].isoformat(), match.group()
    return None


def day_of(said: str, today: date) -> tuple[date, date] | None:
    """The day, month, week or year that is named, as a stretch; the newest that is not to come."""
    low = said.lower().strip()
    one = timedelta(days=1)
    if re.fullmatch(ISO, low):
        try:
            at = date.fromisoformat(low)
        except ValueError:
            return None
        return at, at + one
    back = {"today": 0, "yesterday": 1, "the day before yesterday": 2}
    if low in back:
        at = today - timedelta(days=back[low])
        return at, at + one
    for number, name in enumerate(WEEK.split()):
        if low.endswith(name):
            gone = (today.weekday() - number) % 7
            at = today - timedelta(days=gone or (7 if low.startswith("last") else 0))
            return at, at + one
    if "week" in low or "year" in low or low.endswith(" month"):
        return stretch(low, today)
    if match := re.fullmatch(r"(\d{4})-(\d\d)", low):
        return month(int(match[1]), int(match[2]))
    return named(low, today)


def stretch(low: str, today: date) -> tuple[date, date]:
    """This or last week, month or year."""
    last = low.startswith("last")
    if "week" in low:
        begin = today - timedelta(days=today.weekday() + 7 * last)
        return begin, begin + timedelta(days=7)
    if "year" in low:
        return date(today.year - last, 1, 1), date(today.year - last + 1, 1, 1)
    before = today.replace(day=1) - timedelta(days=1) if last else today
    return month(before.year, before.month) or (today, today)


def named(low: str, today: date) -> tuple[date, date] | None:
    """A day or a month by its name."""
    found = re.search(MONTH, low)
    if not found:
        return None
    number = [m[:3] for m in MONTHS.split()].index(found.group()[:3]) + 1
    year = re.search(r"\b(\d{4})\b", low)
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", low)
    at = int(year[1]) if year else today.year
    if day is None:
        if not year and number > today.month:
            at -= 1
        return month(at, number)
    try:
        begin = date(at, number, int(day[1]))
        if not year and begin > today:
            begin = begin.replace(year=at - 1)
    except ValueError:
        return None
    return begin, begin + timedelta(days=1)


def month(year: int, number: int) -> tuple[date, date] | None:
    if not 1 <= number <= 12:
        return None
    after = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), after
