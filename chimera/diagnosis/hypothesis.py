"""One possible cause before it competes with the others, and the words for what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from chimera.diagnosis.case import Reason
from chimera.diagnosis.nodes import NodeView
from chimera.diagnosis.shift import Shift
from chimera.domain import FaultKind, SignalKind, units

K = SignalKind
NAMES = {
    K.TRAFFIC: "traffic",
    K.ERRORS: "errors",
    K.LATENCY: "latency",
    K.CPU: "CPU use",
    K.MEMORY: "memory",
    K.POOL: "pool use",
    K.QUEUE: "queue",
    K.SATURATION: "share of busy workers",
    K.DISK: "disk use",
    K.CREDENTIAL: "refused authentications",
    K.FRESHNESS: "data age",
    K.VOLUME: "rows",
    K.NULLS: "share of empty fields",
    K.DUPLICATES: "share of doubled rows",
    K.LAG: "lateness",
    K.SCHEMA: "schema",
    K.DRIFT: "drift",
    K.FAILURES: "failed runs",
    K.PRESENCE: "presence",
    K.OTHER: "signal",
}


@dataclass(frozen=True)
class Hypothesis:
    """A cause that may be; `strength` is how well it fits, 0 to 1, without regard to rivals."""

    at: str  # the node whose trouble it explains
    target: str
    kind: FaultKind
    strength: float
    cause: str
    reasons: tuple[Reason, ...]
    facts: dict[str, str] = field(default_factory=dict)


def number(value: float, unit: str = "") -> str:
    """A number as a person reads it."""
    if unit:
        return units.number(value, unit)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def tell(node: NodeView, shift: Shift) -> Reason:
    """One shift as a sentence."""
    what = NAMES[shift.watched.kind]
    if shift.gone:
        return Reason(f"{node.name} is gone: it no longer answers its scrape", shift.watched.key)
    verb = "rose" if shift.now > shift.before else "fell"
    before, now = (number(value, shift.watched.unit) for value in (shift.before, shift.now))
    text = f"{what} of {node.name} {verb} from {before} to {now}"
    if shift.fullness >= 0.5:
        text += f" ({shift.fullness:.0%} of its limit)"
    if shift.rising:
        text += " and goes on rising"
    return Reason(text, shift.watched.key)


def symptoms(node: NodeView, *kinds: SignalKind) -> tuple[Reason, ...]:
    """What is clearly wrong at a node, worst first; only the given kinds, if any are given."""
    shifts = sorted(
        (
            shift
            for kind, shift in node.worst.items()
            if shift.severity >= 0.3 and (not kinds or kind in kinds)
        ),
        key=lambda shift: (-shift.severity, shift.watched.key),
    )
    return tuple(tell(node, shift) for shift in shifts)
