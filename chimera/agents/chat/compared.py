"""A signal at two times, or of two nodes: "slower than an hour ago?", "now vs yesterday", "web or search"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from chimera.agents.chat.held import LATELY, Held, held, told
from chimera.agents.chat.queries import Query, query_for
from chimera.agents.chat.rivals import beside, rivals
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import joined, number
from chimera.agents.chat.window import MARGIN, window_of
from chimera.agents.understanding.times import Span
from chimera.domain import SignalKind

K = SignalKind
ASKED = re.compile(
    r"\b(?:than|compared?|versus|vs|against|usual|normal|before and after|up|down|risen|rising|rose|rise|grown|growing|"
    r"grew|grow|fuller|slower|faster|quicker|higher|lower|busier|drop\w*|fallen|falling|fell|fall|increas\w+|decreas\w+|doubled|"
    r"jump\w*|spik\w+|climb\w*|improv\w+|worse|better|changed)\b"
)
LESS = re.compile(
    r"\b(?:faster|quicker|lower|less|fewer|down|dropp\w+|fall\w+|fell|decreas\w+|improv\w+|better|normal|usual|recovered)\b"
)
DOUBTED = re.compile(  # what is answered by yes or no
    r"(?:^|[,;.] ?)(?:and |so |ok |hey |but |well )*(?:is|are|was|were|has|have|had|did|does|do)(?:n't)?\b"
    r"|, (?:isn't|right|no|hasn't|doesn't)\b|\b(?:right|correct)\?"
)
BACK = timedelta(hours=1)  # compared with, where no time is said
BEFORE = timedelta(minutes=30)  # of a change: as long as that is "before" it
MOVED = 0.2  # of what it was: less is the same
STEADY = 0.05  # the same, of levels: they do not jitter
LEVELS = frozenset((K.DISK, K.MEMORY, K.POOL, K.FRESHNESS, K.NULLS, K.DUPLICATES))
SHOWN = 3


def compares(ask: Ask) -> bool:
    """Whether a signal of one node is held against an earlier time, or against another node's."""
    if not ask.node or not (ask.reading.kind or ask.reading.named.metric):
        return False
    text = re.sub(r"\bmore than [\d.]+", " ", ask.reading.text.lower())
    return bool(ask.reading.moments or ASKED.search(text) or rivals(ask))


async def compared(ask: Ask, looks: Looks) -> Reply | None:
    """What it is, what it was, and whether that is more; None where there is nothing to compare."""
    signals = await looks.see("watched_signals")
    if signals.trouble:
        return None
    if nodes := rivals(ask):
        return await beside(ask, looks, nodes, signals.data)
    query = query_for(ask, signals.data)
    if isinstance(query, Reply):
        return None
    times = await two_times(ask, looks)
    if isinstance(times, Reply):
        return times
    (first, second), note = times
    then, now = await held(looks, query, first), await held(looks, query, second)
    if isinstance(then, Reply) and then.kind == "refused" and isinstance(now, Held):
        then = Held({}, first, ())  # nothing had that name then
    if isinstance(then, Reply) or isinstance(now, Reply):
        return then if isinstance(then, Reply) else now if isinstance(now, Reply) else None
    shared = [key for key in now.values if key in then.values]
    if not shared:
        gone = [one.span for one in (then, now) if not one.values]
        if not gone or not ask.reading.moments:
            return None
        when = joined(told(span, ask.now) for span in gone)
        is_ = " ".join(
            f"It is {number(value, query.unit)} {told(now.span, ask.now)}."
            for value in list(now.values.values())[:1]
        )
        return Reply(
            text=f"{query.title} has no value {when}; no data is not zero. {is_}".strip(),
            partial=True,
        )
    lines = [line(ask, query, key, then, now) for key in sorted(shared)[:SHOWN]]
    return Reply(
        text=" ".join([*lines, *([note] if note else []), f"Query: `{now.evidence[0].query}`"]),
        evidence=(*then.evidence, *now.evidence),
        focus={"node": ask.node},
        partial=then.partial or now.partial,
    )


def line(ask: Ask, query: Query, key: str, then: Held, now: Held) -> str:
    """One series in a sentence; with a yes or a no where that was asked."""
    was, is_ = then.values[key], now.values[key]
    steady = ask.reading.kind in LEVELS
    same = abs(is_ - was) <= max((STEADY if steady else MOVED) * abs(was), 1e-9)
    text = ask.reading.text.lower()
    word = "about the same" if same else "more" if is_ > was else "less"
    by = "" if same or not was else f" ({is_ / was:.2g} times)"
    normal = re.search(r"\b(?:normal|usual)\b", text)
    yes = same if normal else not same and (is_ > was) != bool(LESS.search(text))
    lead = ("Yes: " if yes else "No: ") if DOUBTED.search(text) and ASKED.search(text) else ""
    of = f" ({key})" if len(now.values) > 1 else ""
    when = told(now.span, ask.now)
    verb = "is" if when == "now" else "was"
    return (
        f"{lead}{query.title}{of} {verb} {number(is_, query.unit)} {when}, {word}{by}; "
        f"{told(then.span, ask.now)} it was {number(was, query.unit)}."
    )


async def two_times(ask: Ask, looks: Looks) -> tuple[tuple[Span, Span], str] | Reply:
    """The two stretches that are meant; what hangs on a deploy or an incident is looked up."""
    now = Span(ask.now - LATELY, ask.now, said="now")
    if ask.reading.moments is None:
        window = await window_of(ask, looks, ask.node, BACK)
        if window.missing:
            return Reply(
                kind="refused",
                text=f"{window.missing} Name another time, for example `an hour ago`.",
            )
        return (Span(window.since, window.since + LATELY), now), window.note
    found, note = [], ""
    for span in ask.reading.moments:
        if not span.anchor:
            found.append(span)
            continue
        anchored = replace(ask, reading=replace(ask.reading, span=Span(anchor=span.anchor)))
        window = await window_of(anchored, looks, ask.node)
        if window.missing and span.anchor == "deploy":  # of something else, then: its note says so
            window = await window_of(anchored, looks)
        if window.missing:
            return Reply(kind="refused", text=window.missing)
        at, note = window.since + MARGIN, window.note
        found.append(
            Span(at - BEFORE, at, said="before") if span.said == "before" else Span(at, ask.now)
        )
    return (found[0], found[1]), note
