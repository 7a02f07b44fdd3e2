"""The same case with every service under another name, drawn at random."""

from __future__ import annotations

import random
import re
import string
from dataclasses import replace

from chimera.diagnosis.logs.masking import distinctive
from chimera.diagnosis.observed import Calls, Line, Observed, Spans, Target


def rename(seen: Observed, seed: int) -> tuple[Observed, dict[str, str]]:
    """The renamed case, and the old name of each new one. Log texts are renamed as well."""
    draw = random.Random(seed)
    names = set(seen.candidates()) | {s for edge in seen.calls.edges for s in edge}
    if seen.target:
        names.add(seen.target.service)
    new = {name: _name(draw) for name in sorted(names)}
    told = sorted(filter(distinctive, names), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, told))) if told else None

    def spans(part: Spans | None) -> Spans | None:
        return replace(part, services=tuple(new[s] for s in part.services)) if part else None

    def lines(part: tuple[Line, ...]) -> tuple[Line, ...]:
        if pattern is None:
            return tuple(replace(line, service=new[line.service]) for line in part)
        return tuple(
            Line(new[x.service], pattern.sub(lambda m: new[m.group()], x.message), x.span)
            for x in part
        )

    metrics = replace(seen.metrics, services=tuple(new[s] for s in seen.metrics.services))
    target = Target(new[seen.target.service], seen.target.metric) if seen.target else None
    edges = frozenset((new[a], new[b]) for a, b in seen.calls.edges)
    return (
        replace(
            seen,
            metrics=metrics,
            calls=Calls(edges, seen.calls.origin),
            target=target,
            spans_before=spans(seen.spans_before),
            spans_since=spans(seen.spans_since),
            lines_before=lines(seen.lines_before),
            lines_since=lines(seen.lines_since),
            changes={new[s]: change for s, change in seen.changes.items()},
        ),
        {value: key for key, value in new.items()},
    )


def _name(draw: random.Random) -> str:
    return "-".join("".join(draw.choices(string.ascii_lowercase, k=6)) for _ in range(2))
