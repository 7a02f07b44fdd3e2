"""How one node is: its open incidents, what moved lately, what is beyond its limit or silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chimera.agents.chat.onset import onsets
from chimera.agents.chat.shape import Ask, Looks
from chimera.domain import Evidence, Incident, SignalKind
from chimera.tools.base import Look
from chimera.tools.signals_now import Now

BACK = timedelta(minutes=90)  # in which a signal may have left what it was
K = SignalKind
MINUTE = timedelta(minutes=1)
LATELY = timedelta(minutes=10)  # compared with what was before
BASELINE = 30.0  # minutes
FELT = frozenset(  # kinds whose level tells how well it goes; others move with the day
    (K.ERRORS, K.LATENCY, K.FRESHNESS, K.NULLS, K.DUPLICATES, K.LAG, K.FAILURES)
)


@dataclass(frozen=True)
class Condition:
    """What was seen of a node, and what could not be."""

    node: str
    incidents: Look
    signals: Look
    moved: Look
    left: tuple[str, ...] = ()  # what is no longer as it was within the last hours, as sentences

    @property
    def open(self) -> tuple[Incident, ...]:
        found: tuple[Incident, ...] = self.incidents.data or ()
        return found

    @property
    def rows(self) -> tuple[Now, ...]:
        found: tuple[Now, ...] = self.signals.data or ()
        return found

    @property
    def shifts(self) -> tuple[Evidence, ...]:
        """What moved, but for traffic: it moves all the time."""
        if self.moved.trouble:
            return ()
        return tuple(e for e in self.moved.evidence if not e.claim.startswith("traffic"))[:4]

    @property
    def beyond(self) -> bool:
        return any(row.over or not row.scraped for row in self.rows)

    @property
    def seen(self) -> bool:
        """Whether its signals could be read, and there are some."""
        return not self.signals.trouble and bool(self.rows)

    @property
    def fine(self) -> bool:
        """Nothing is open, nothing moved, nothing is beyond its limit, and there was data to tell."""
        calm = not (self.open or self.shifts or self.left or self.beyond)
        return calm and self.seen and not self.incidents.trouble

    @property
    def partial(self) -> bool:
        troubles = (self.incidents.trouble, self.signals.trouble, self.moved.trouble)
        return bool(any(troubles) or self.signals.partial)


async def condition(ask: Ask, looks: Looks, node: str) -> Condition:
    """Look at a node's incidents, its signals now, and the last minutes against those before."""
    incidents = await looks.see("list_incidents", state="open", service=node)
    signals = await looks.see("signals_now", names=(node,), minutes=BACK / MINUTE, at=ask.now)
    moved = await looks.see(
        "compare_metrics",
        began=ask.now - LATELY,
        until=ask.now,
        services=(node,),
        baseline_minutes=BASELINE,
    )
    claims = " ".join(piece.claim for piece in moved.evidence)  # what they tell is not told twice
    left = onsets(node, signals.data or (), FELT, ask.now, BACK)
    lines = tuple(line for row, line in left if row.signal not in claims)
    return Condition(node, incidents, signals, moved, lines[:3])
