"""Which kind of signal a message speaks of, and which statistic of it."""

# ruff: noqa: E501 -- words of one kind a line

from __future__ import annotations

import re

from chimera.domain import SignalKind

WORDS: tuple[tuple[str, SignalKind], ...] = (
    (
        r"latenc(?:y|ies)|response times?|slow(?:ness|er|est|ed)?|faster|fastest|quicke(?:r|st)|snappie(?:r|st)|durations?|p\d\d(?:\.\d)?|how fast",
        SignalKind.LATENCY,
    ),
    (r"error(?:s| rate| ratio)?|5xx|failing requests|failures?|success rate", SignalKind.ERRORS),
    (
        r"traffic|busie(?:r|st)|busy|hits|calls per second|requests?(?: rate| per second)?|rps|qps|throughput|load",
        SignalKind.TRAFFIC,
    ),
    (r"cpu|processor", SignalKind.CPU),
    (r"memory|mem|ram|heap|rss|hungriest", SignalKind.MEMORY),
    (r"(?:connection )?pools?|connections?", SignalKind.POOL),
    (r"queues?|backlog", SignalKind.QUEUE),
    (r"workers?|saturation|utili[sz]ation", SignalKind.SATURATION),
    (r"disks?|disk space|storage", SignalKind.DISK),
    (r"auth(?:entication)? (?:failures|errors)|credentials?", SignalKind.CREDENTIAL),
    (r"freshness|staleness|age|lag|delay|stale|fresh|old", SignalKind.FRESHNESS),
    (r"row counts?|volume|rows", SignalKind.VOLUME),
    (r"nulls?|null share|empty|missing values", SignalKind.NULLS),
    (r"duplicates?(?: share)?|duplicated rows", SignalKind.DUPLICATES),
    (r"(?:arrival|event.time) lag|late (?:data|rows|orders)", SignalKind.LAG),
    (r"drift", SignalKind.DRIFT),
    (r"schema", SignalKind.SCHEMA),
)


def kind_in(text: str) -> SignalKind | None:
    """The first kind of signal that is named."""
    low = text.lower().replace("_", " ")
    hits = [
        (m.start(), kind) for pattern, kind in WORDS if (m := re.search(rf"\b(?:{pattern})\b", low))
    ]
    return min(hits, key=lambda hit: hit[0])[1] if hits else None


def quantile_in(text: str) -> float | None:
    """p99 is 0.99, "95th percentile" 0.95, median 0.5; None: not said."""
    low = text.lower()
    if match := re.search(r"\bp(\d\d(?:\.\d+)?)\b", low):
        return float(match[1]) / 100
    if match := re.search(r"\b(\d\d(?:\.\d+)?)(?:th|st|nd|rd)? ?percentile", low):
        return float(match[1]) / 100
    return 0.5 if re.search(r"\bmedian\b", low) else None


PROMQL = re.compile(
    r"`([^`]+)`|((?:[a-z_]+\s*(?:by\s*\([^)]*\)\s*)?\(|[a-zA-Z_:][\w:]*\{).*[)\}\]].*)$", re.S
)
WRITTEN = re.compile(
    r"[{\[_]|\b(?:sum|avg|min|max|count|topk|bottomk|rate|irate|increase|delta|abs|quantile)\s*(?:by\s*)?\("
)
SQL = re.compile(
    r"^\s*(?:(?:run|sql|query|execute)\s*:?\s+)?`{0,3}(?:sql\s)?\s*((?:select|with|insert|update|delete|drop|create|copy|alter|truncate|attach)\b.*?)`{0,3}\s*$",
    re.I | re.S,
)


def promql_in(text: str) -> str:
    """A PromQL expression that is written out in the message."""
    match = PROMQL.search(text)
    if match is None:
        return ""
    query = (match[1] or match[2] or "").strip()
    if not match[1] and not WRITTEN.search(query):
        return ""  # words with a bracket behind them
    return query if re.search(r"[({\[]|^[a-zA-Z_:][\w:]*$", query) else ""


def sql_in(text: str) -> str:
    """A SQL statement that is the message, or is in backticks."""
    if match := re.search(
        r"`+\s*((?:select|with|insert|update|delete|drop|create)\b[^`]*)`+", text, re.I | re.S
    ):
        return match[1].strip()
    match = SQL.match(text)
    if match is None or not re.search(r"\b(from|table|into)\b", match[1], re.I):
        return ""
    return match[1].strip()
