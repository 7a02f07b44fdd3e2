"""Two moments, or two stretches of time, that are held against each other: "now vs an hour ago"."""

# ruff: noqa: E501 -- one form of speech a line

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from chimera.agents.understanding.times import CLOCK, Anchor, Span, span_in

AROUND = timedelta(minutes=5)  # a moment is the mean of what is around it
AGAINST = re.compile(
    r"\b(?:vs\.?|versus|(?:as )?(?:compare[sd]?|opposed|relative) (?:to|with)|in comparison (?:to|with)|against|than|from .{1,30}? to|and then|then and|and|or|to|with|but|,)\b|[:/,]",
    re.I,
)
NOW = re.compile(
    r"\b(?:(?:right |just )?now|at the moment|currently|at present|lately|these days|this minute)\b",
    re.I,
)
BEFORE = re.compile(
    r"\b(?P<side>before|prior to|after|since) (?:the |its |that |this |our )?(?:(?:last|latest|newest) )?"
    r"(?P<what>release|deploy(?:ment)?|rollout|upgrade|change|config change|incident|outage|trouble)\b",
    re.I,
)
BOTH = re.compile(
    r"\bbefore (?:and|vs\.?|versus|or) after (?:the |its |that |this |our )?(?:(?:last|latest|newest) )?"
    r"(?P<what>release|deploy(?:ment)?|rollout|upgrade|change|config change|incident|outage|trouble)\b",
    re.I,
)
PRECEDING = re.compile(
    r"\bthe (?:one|time|same|hour|day|minutes|period|stretch|\d+ \w+) (?:before|earlier|prior)\b|\bthe (?:previous|preceding) (?:one|hour|day|period)\b",
    re.I,
)
THIS = re.compile(r"\b(?:this|the current) (?P<unit>hour|day|week)\b", re.I)
LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
POINTED = re.compile(r"\b(?:ago|earlier|at|around|noon|midnight)\b|\d:\d\d|\d ?[ap]m\b", re.I)
INCIDENTS = ("incident", "outage", "trouble")


def moments_in(text: str, now: datetime) -> tuple[Span, Span] | None:
    """The earlier and the later of two times that a text compares; None where it names fewer."""
    if match := BOTH.search(text):
        anchor = anchor_of(match["what"])
        return Span(anchor=anchor, said="before"), Span(anchor=anchor, said="after")
    for cut in AGAINST.finditer(text):
        first = moment_in(text[: cut.start()], now)
        second = moment_in(text[cut.end() :], now)
        if first is None and second is None:
            continue
        plain = re.match(
            r"vs|versus|.*(?:compare|opposed|relative|comparison)|against|than", cut.group(), re.I
        )
        if first is None and second is not None and plain:
            first = at(now, now)
        if second is None and first is not None and (ahead := PRECEDING.search(text[cut.end() :])):
            second = preceding(first) if ahead else None
        if first is None or second is None or first == second:
            continue
        return (first, second) if starts(first) <= starts(second) else (second, first)
    return None


def moment_in(text: str, now: datetime) -> Span | None:
    """One time that is held against another: a stretch, or a moment with what is around it."""
    if match := BEFORE.search(text):
        side = "before" if match["side"].lower() in ("before", "prior to") else "after"
        return Span(anchor=anchor_of(match["what"]), said=side)
    if match := THIS.search(text):
        return Span(now - LENGTHS[match["unit"].lower()], now, said=match.group())
    bare = re.match(rf"\s*(?=(?:{CLOCK}))", text, re.I)  # "at 14:20 vs 14:50"
    span, _ = span_in(f"at {text.strip()}" if bare else text, now)
    if span.since is not None and span.until is not None:
        if span.said and POINTED.search(span.said):
            middle = (
                span.since
                if "ago" in span.said.lower()
                else span.since + (span.until - span.since) / 2
            )
            return replace(at(middle, now), said=span.said)
        return span
    return at(now, now) if NOW.search(text) else None


def at(moment: datetime, now: datetime) -> Span:
    """A moment with what is around it; the newest minutes, where it is now."""
    if moment >= now - AROUND / 2:
        return Span(now - AROUND, now, said="now")
    return Span(moment - AROUND / 2, moment + AROUND / 2)


def preceding(span: Span) -> Span:
    """As long a stretch, right before it."""
    if span.since is None or span.until is None:
        return span
    return Span(span.since - (span.until - span.since), span.since, said="before")


def anchor_of(what: str) -> Anchor:
    return "incident" if what.lower() in INCIDENTS else "deploy"


def starts(span: Span) -> float:
    """For the order of two: what is before an anchor comes first."""
    if span.since is None:
        return 0.0 if span.said == "before" else 1.0
    return span.since.timestamp()
