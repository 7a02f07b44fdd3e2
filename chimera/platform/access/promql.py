"""Check a PromQL query before it runs: Prometheus' parser for its form, real names for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from chimera.domain import Refused
from chimera.platform.access.metric_names import MetricNames
from chimera.platform.access.similar import or_near

TOKEN = re.compile(
    r"""\s+|\#[^\n]*
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
    |(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
    |(?P<number>\.?\d[\w.]*)
    |(?P<mark>=~|!~|!=|==|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)
AGGREGATIONS = frozenset(
    [
        "sum",
        "min",
        "max",
        "avg",
        "group",
        "stddev",
        "stdvar",
        "count",
        "count_values",
        "bottomk",
        "topk",
        "quantile",
    ]
)
GROUPING = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))
WORDS = frozenset(["and", "or", "unless", "bool", "offset", "start", "end", "inf", "nan", "atan2"])


@dataclass(frozen=True)
class Selector:
    """One metric of a query and what it asks of its labels: (label, operator, value)."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...] = ()


@dataclass
class _Found:
    selectors: list[Selector] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)


def tokens(query: str) -> list[tuple[str, str]]:
    """(kind, text) of everything but blanks and comments."""
    return [(m.lastgroup, m.group()) for m in TOKEN.finditer(query) if m.lastgroup]


def selectors_in(query: str) -> tuple[tuple[Selector, ...], frozenset[str]]:
    """Every selector of a query that parses, and the labels that it groups or joins by."""
    found = _Found()
    rest = tokens(query)
    at = 0
    while at < len(rest):
        at = _step(rest, at, found)
    return tuple(found.selectors), frozenset(found.grouped)


def _step(rest: list[tuple[str, str]], at: int, found: _Found) -> int:
    kind, text = rest[at]
    following = rest[at + 1][1] if at + 1 < len(rest) else ""
    word = text.lower()
    if kind == "name" and word in GROUPING:
        if following != "(":
            return at + 1
        end = _close(rest, at + 1, ")")
        found.grouped |= {t for k, t in rest[at + 2 : end] if k == "name"}
        return end + 1
    if kind == "name" and (following == "(" or word in WORDS):
        return at + 1
    if kind == "name" and word in AGGREGATIONS and following.lower() in ("by", "without"):
        return at + 1
    if kind == "name" or text == "{":
        metric = text if kind == "name" else ""
        begin = at + 1 if kind == "name" else at
        if begin >= len(rest) or rest[begin][1] != "{":
            found.selectors.append(Selector(metric))
            return at + 1
        end = _close(rest, begin, "}")
        matchers = tuple(_matchers(rest[begin + 1 : end]))
        named = [v for label, how, v in matchers if label == "__name__" and how == "="]
        others = tuple(m for m in matchers if m[0] != "__name__")
        found.selectors.append(Selector(metric or (named[0] if named else ""), others))
        return end + 1
    return at + 1


def _close(rest: list[tuple[str, str]], at: int, mark: str) -> int:
    return next((i for i in range(at, len(rest)) if rest[i][1] == mark), len(rest) - 1)


def _matchers(inside: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for at in range(len(inside) - 2):
        kind, label = inside[at]
        how, (what, value) = inside[at + 1][1], inside[at + 2]
        if kind == "name" and what == "text" and how in ("=", "!=", "=~", "!~"):
            yield label, how, value[1:-1].replace('\\"', '"').replace("\\\\", "\\")


async def checked_promql(query: str, names: MetricNames, at: datetime) -> str:
    """The query as it will be run. Raises Refused for a form or a name that is not right.

    Each metric must exist, each label that is asked for must be one of its labels, and each value
    must be there; near names are told.
    """
    written = in_one_line(await names.formatted(query))
    asked, grouped = selectors_in(written)
    if not asked:
        return written
    known = await names.names(at)
    everywhere: set[str] = set()
    for selector in asked:
        if not selector.metric:
            raise Refused(
                f"the query {query!r} names no metric in {{...}}; name one, so that it stays small"
            )
        if selector.metric not in known:
            raise Refused(
                f"Prometheus has no metric {selector.metric!r}{or_near(selector.metric, known)}"
            )
        labels = await names.labels(selector.metric, at)
        everywhere |= set(labels)
        for label, how, value in selector.matchers:
            _demand(selector.metric, labels, label, how, value)
    for label in sorted(grouped - everywhere):
        raise Refused(f"none of its metrics has a label {label!r}{or_near(label, everywhere)}")
    return written


def in_one_line(query: str) -> str:
    """A query that Prometheus has written over several lines; its texts stay as they are."""
    closed = re.sub(r"([(\[{])\n\s*", r"\1", query)
    return re.sub(r"\n\s*", " ", re.sub(r"\n\s*([)\]}])", r"\1", closed))


def _demand(
    metric: str, labels: dict[str, frozenset[str]], label: str, how: str, value: str
) -> None:
    """Raises Refused unless the metric has the label and, asked positively, the value."""
    if label not in labels:
        raise Refused(f"{metric} has no label {label!r}{or_near(label, labels)}")
    there = labels[label]
    if how == "=" and value and value not in there:
        raise Refused(f"{metric} has no {label}={value!r}{or_near(value, there)}")
    if how == "=~":
        try:
            fits = any(re.fullmatch(value, one) for one in there) or re.fullmatch(value, "")
        except re.error:
            return  # Go's dialect; Prometheus parsed it
        if not fits:
            raise Refused(f"no {label} of {metric} matches {value!r}{or_near(value, there)}")
