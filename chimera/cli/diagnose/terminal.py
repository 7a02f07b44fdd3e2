"""A diagnosis in the terminal, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chimera.cli.base.output import line, say
from chimera.cli.diagnose.sources import Case
from chimera.diagnosis.engine import Named, Ranking
from chimera.platform.observability.redaction import redacted

RUNNERS_UP = 4
CLUES = 5


def show(case: Case) -> None:
    for text in told(case):
        say(text)


def told(case: Case) -> Iterator[str]:
    """The diagnosis, line by line."""
    ranking = case.ranking
    yield line(headline(ranking))
    heard = ", ".join(ranking.heard) or "nothing"
    yield f"  onset {case.onset:%Y-%m-%d %H:%M:%S} UTC; graph: {ranking.graph}; heard: {heard}"
    for named in first_ones(ranking):
        yield line(f"{named.service}: {named.kind.value}")
        yield from (f"  + {text}" for text in evidence(named))
        yield from (f"  - {line(text)}" for text in named.against)
    runners = runners_up(ranking)
    if runners:
        yield "runners-up"
    for named in runners:
        why = evidence(named)
        yield f"  {line(named.service)}  {named.score:.2f}  {why[0] if why else 'no sign of its own'}"
    yield from (f"outside  {line(text)}" for text in ranking.external)
    yield from (f"look next  {line(text)}" for text in ranking.look_next)


def headline(ranking: Ranking) -> str:
    """The answer in one line."""
    if ranking.verdict == "not_enough":
        return "not enough evidence to name a cause"
    if ranking.verdict == "no_cause":
        return "no cause: nothing here is beyond what normal hours show as well"
    names = " and ".join(ranking.together)
    kind = ranking.causes[0].kind.value
    return f"cause: {names} ({kind}), confidence {ranking.confidence:.0%}"


def first_ones(ranking: Ranking) -> list[Named]:
    return [named for named in ranking.causes if named.service in ranking.together]


def runners_up(ranking: Ranking) -> list[Named]:
    others = [n for n in ranking.causes if n.service not in ranking.together and n.score > 0]
    return others[:RUNNERS_UP]


def evidence(named: Named) -> list[str]:
    """Its clues, without secrets: log lines may hold some."""
    return [line(redacted(clue.says)) for clue in named.clues[:CLUES]]


def as_data(case: Case) -> dict[str, Any]:
    ranking = case.ranking
    return {
        "case": case.name,
        "onset": case.onset.isoformat(),
        "verdict": ranking.verdict,
        "confidence": ranking.confidence,
        "causes": list(ranking.together),
        "graph": ranking.graph,
        "heard": list(ranking.heard),
        "ranking": [
            {
                "service": named.service,
                "score": round(named.score, 4),
                "kind": named.kind.value,
                "metrics": list(named.metrics),
                "evidence": evidence(named),
                "against": list(named.against),
            }
            for named in ranking.causes
        ],
        "external": list(ranking.external),
        "look_next": list(ranking.look_next),
    }
