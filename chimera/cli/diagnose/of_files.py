"""The report of a case that was read from files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from chimera.cli.base.output import line
from chimera.cli.diagnose.report import Cause, Claim, Report, Table
from chimera.cli.diagnose.sources import Case
from chimera.diagnosis.engine import Named, Ranking
from chimera.diagnosis.logs.drain import Drain
from chimera.diagnosis.observed import Line
from chimera.diagnosis.voice import Clue
from chimera.platform.observability.redaction import redacted
from chimera.platform.pictures.canvas import Drawing
from chimera.platform.pictures.stacked import Panel, stacked

RUNNERS_UP = 4
CLUES = 5
DRAWN = 2  # series of one cause
TEMPLATES = 12
BEFORE = 5  # times as much of the normal data as there is since the onset


def report(case: Case) -> Report:
    """Everything there is to tell of it."""
    ranking = case.ranking
    heard = ", ".join(ranking.heard) or "nothing"
    return Report(
        headline=headline(ranking),
        context=f"{case.name}; onset {case.onset:%Y-%m-%d %H:%M:%S} UTC; graph: {ranking.graph}; "
        f"heard: {heard}",
        causes=tuple(
            cause(case, named, f"{ranking.confidence:.0%}")
            for named in first_ones(ranking)
            if not ranking.no_cause
        ),
        rivals=tuple(cause(case, named, f"{named.score:.2f}") for named in runners_up(ranking)),
        tables=(
            Table(
                "log templates",
                ("service", "before", "since", "template"),
                tuple(templates(case)),
            ),
            Table("changes", ("time (UTC)", "service", "what"), tuple(changes(case))),
        ),
        notes=(("outside", ranking.external), ("look next", ranking.look_next)),
        picture=picture(case),
        data={
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
                    "evidence": [says(clue) for clue in named.clues[:CLUES]],
                    "against": list(named.against),
                }
                for named in ranking.causes
            ],
            "external": list(ranking.external),
            "look_next": list(ranking.look_next),
        },
    )


def headline(ranking: Ranking) -> str:
    """The answer in one line."""
    if ranking.verdict == "not_enough":
        return "not enough evidence to name a cause"
    if ranking.verdict == "no_cause":
        return "no cause: nothing here is beyond what normal hours show as well"
    kinds = {named.service: named.kind.value for named in ranking.causes}
    names = " and ".join(f"{service} ({kinds[service]})" for service in ranking.together)
    word = "cause" if len(ranking.together) == 1 else "causes"
    return f"{word}: {names}, confidence {ranking.confidence:.0%}"


def first_ones(ranking: Ranking) -> list[Named]:
    return [named for named in ranking.causes if named.service in ranking.together]


def runners_up(ranking: Ranking) -> list[Named]:
    told = set() if ranking.no_cause else set(ranking.together)
    others = [n for n in ranking.causes if n.service not in told and n.score > 0]
    return others[:RUNNERS_UP]


def cause(case: Case, named: Named, sure: str) -> Cause:
    return Cause(
        name=named.service,
        kind=named.kind.value,
        sure=sure,
        evidence=tuple(
            Claim(says(clue), where(case, named.service, clue)) for clue in named.clues[:CLUES]
        ),
        against=tuple(Claim(text) for text in named.against),
    )


def says(clue: Clue) -> str:
    """A clue without secrets: log lines may hold some."""
    return line(redacted(clue.says))


def where(case: Case, service: str, clue: Clue) -> str:
    """The column and the stretch of time that a clue was seen in."""
    if not clue.metric or clue.metric not in case.seen.metrics.names:
        return ""
    last = case.onset + timedelta(seconds=case.step * case.seen.metrics.since.shape[1])
    return f"{service}__{clue.metric}, {case.onset:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S} UTC"


def templates(case: Case) -> Iterator[tuple[str, ...]]:
    """What the named services log more or less often since: service, counts, template."""
    told = {named.service for named in (*first_ones(case.ranking), *runners_up(case.ranking))}
    drain = Drain()

    def counted(lines: Sequence[Line]) -> Counter[tuple[str, int]]:
        return Counter(
            (one.service, drain.learn(redacted(one.message), one.service).number)
            for one in lines
            if one.service in told
        )

    before, since = counted(case.seen.lines_before), counted(case.seen.lines_since)
    moved = sorted({*before, *since}, key=lambda k: (-abs(since[k] - before[k]), k))
    for key in moved[:TEMPLATES]:
        template = drain.templates.get(key[1])
        if template is not None and since[key] != before[key]:
            yield key[0], str(before[key]), str(since[key]), template.text


def changes(case: Case) -> Iterator[tuple[str, ...]]:
    """What was changed on purpose, oldest first."""
    known = sorted(case.seen.changes.items(), key=lambda pair: -pair[1][0])
    for service, (seconds, what) in known:
        at = case.onset - timedelta(seconds=seconds)
        yield f"{at:%Y-%m-%d %H:%M:%S}", service, what


def picture(case: Case) -> Drawing | None:
    """The first metrics of each cause, then the symptom: one axis of time, the onset marked."""
    metrics, ranking = case.seen.metrics, case.ranking
    at = {pair: i for i, pair in enumerate(zip(metrics.services, metrics.names, strict=True))}
    wanted: list[tuple[str, str, str]] = []
    for named in first_ones(ranking):
        drawn = [m for m in named.metrics if (named.service, m) in at]
        wanted += [("cause", named.service, metric) for metric in drawn[:DRAWN]]
    if (target := case.seen.target) is not None:
        symptom = next((m for s, m in at if s == target.service), "")
        metric = target.metric if (target.service, target.metric) in at else symptom
        wanted.append(("symptom", target.service, metric))
    length = metrics.since.shape[1]
    panels = [
        panel(case, role, service, metric, at[service, metric])
        for role, service, metric in wanted
        if (service, metric) in at and length
    ]
    return stacked(panels, case.onset) if panels else None


def panel(case: Case, role: str, service: str, metric: str, row: int) -> Panel:
    metrics = case.seen.metrics
    before = metrics.before[row][-BEFORE * metrics.since.shape[1] :]
    values = np.concatenate([before, metrics.since[row]])
    first = case.onset - timedelta(seconds=case.step * len(before))
    return Panel(role, f"{service}, {metric}", spaced(first, case.step, len(values)), values)


def spaced(first: datetime, step: float, count: int) -> list[datetime]:
    return [first + timedelta(seconds=step * n) for n in range(count)]
