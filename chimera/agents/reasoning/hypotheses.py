"""What a model thinks the cause is, read strictly and tested against the statistics."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field, ValidationError

from chimera.agents.base import Investigation
from chimera.agents.findings import looks
from chimera.domain import Diagnosis, Estate, Evidence, FaultKind, Opinion, SignalKind
from chimera.platform.models import Garbled
from chimera.tools.compare_metrics import Compared

MOST = 3


class Hypothesis(BaseModel):
    """One cause, with the ids of the evidence for it."""

    cause: str = Field(min_length=1, max_length=300)
    target: str = ""
    kind: FaultKind = FaultKind.UNKNOWN
    cites: tuple[str, ...] = ()


class Conclusion(BaseModel):
    """The likeliest first; none: it sees no cause."""

    hypotheses: tuple[Hypothesis, ...] = ()


def concluded(text: str, known: Mapping[str, Evidence], estate: Estate) -> tuple[Hypothesis, ...]:
    """The hypotheses in an answer. Raises Garbled: no such JSON, a node or evidence that is none."""
    at = text.find("{")
    try:
        value, _ = json.JSONDecoder().raw_decode(text[max(at, 0) :])
        said = Conclusion.model_validate(value)
    except (ValueError, ValidationError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else str(error)
        raise Garbled(f"it is not the JSON object that was asked for: {why}", text) from error
    for one in said.hypotheses[:MOST]:
        if one.target and estate.node(one.target) is None:
            raise Garbled(f"there is no service, step or dataset {one.target!r}", text)
        if not set(one.cites) & set(known):
            raise Garbled(
                f"{one.cause!r} cites no evidence that was shown; give ids in cites", text
            )
    return said.hypotheses[:MOST]


def opinion(
    one: Hypothesis,
    diagnosis: Diagnosis,
    run: Investigation,
    known: Mapping[str, Evidence],
    model: str,
    prompt: str,
) -> Opinion:
    """A hypothesis with what the statistics say of it. The ranking is what it was."""
    return Opinion(
        model=model,
        prompt=prompt,
        cause=one.cause,
        target=one.target,
        kind=one.kind,
        agrees=any(cause.target == one.target for cause in diagnosis.causes),
        tested=tested(one, diagnosis, run),
        evidence=tuple(known[name] for name in dict.fromkeys(one.cites) if name in known),
    )


def tested(one: Hypothesis, diagnosis: Diagnosis, run: Investigation) -> str:
    """Named by the ranking, moved without being named, or still."""
    if not one.target:
        return "it names no place, so nothing can be tested"
    named = [f for f in diagnosis.findings if f.target == one.target]
    same = next((f for f in named if f.kind is one.kind), None)
    if found := same or (named[0] if named else None):
        other = "" if same else f", as {found.kind.value}"
        return f"the statistics give {one.target} {found.confidence:.0%}{other}"
    if any(concerns(piece, one.target) for piece in shifts(run)):
        return f"something moved at {one.target}, but the statistics see the cause elsewhere"
    return f"nothing that is measured at {one.target} moved"


def shifts(run: Investigation) -> list[tuple[str, str]]:
    """(service, labels) of every series that moved. Traffic has evidence even where it did not."""
    compared = [one.data for one in looks(run, "compare_metrics")]
    return [
        (series.service, " ".join(series.labels.values()))
        for found in compared
        if isinstance(found, Compared)
        for series in found.series
        if series.key in found.evidence and series.kind is not SignalKind.TRAFFIC
    ]


def concerns(shift: tuple[str, str], name: str) -> bool:
    return shift[0] == name or name in shift[1].split()


def view(opinions: Sequence[Opinion]) -> str:
    """What people read of it beside the ranking: both, where they disagree."""
    if not opinions:
        return ""
    first = opinions[0]
    if first.agrees:
        return f"The model {first.model} comes to the same."
    cause = first.cause.rstrip(".")
    return f"The model {first.model} thinks otherwise: {cause}; {first.tested}. It changes nothing in the ranking."
