"""What counts: pure functions from what was seen to what is scored.

- Detected: the delay from the injection call to the opening of the incident, in scrape intervals.
- Named: the first cause of the incident's diagnosis at its first order, or at its end without one.
  Right if its target and kind are those that the fault documents. Where two troubles share one
  incident, the second is named by the first cause at the order that follows a proved repair.
- Repaired: the documented runbook, on the documented target, ended `applied`, that is, proved.
- A wrong change: an effect in the controller's ledger, not taken back, whose order was not a
  documented repair; or a target that differs from a good day without such a repair.
- Blast radius: what the diagnosis says at that moment of the nodes downstream, against what was
  measured of them until the case's end.
- A false incident: any when nothing is injected; more than one a trouble otherwise. A blip or a
  surge may open one.
"""

from __future__ import annotations

from collections.abc import Sequence

from chimera.bench.trial.cases import Case, Part
from chimera.bench.trial.changes import wrong_changes
from chimera.bench.trial.sight import Named, SeenIncident, Sight
from chimera.bench.trial.struck import wrong_claims
from chimera.domain.base import Value

Scored = tuple["PartScore", ...]


class PartScore(Value):
    """One trouble: what was true and what Chimera made of it."""

    expected: str
    repair: str | None
    incident: str | None = None
    delay: float | None = None  # scrape intervals
    named: str = "nothing"
    said: str = ""
    right: bool = False
    kind_right: bool = False  # of whatever target
    repaired: bool = False
    outcome: str = "nothing was done"


class Verdict(Value):
    """One case, scored."""

    case: Case
    parts: Scored = ()
    incidents: int = 0
    false_incidents: int = 0
    orders: int = 0
    unwanted_orders: int = 0  # placed although nothing is to be repaired
    wrong_changes: tuple[str, ...] = ()
    changed: bool = False  # some target is not as on a good day
    lead: float | None = None  # seconds from the incident to the first user hit; slow faults
    users_hit: bool = False
    blast_wrong: tuple[str, ...] | None = None  # None: no cause was named, or nothing was measured
    seconds: float = 0.0
    shaky: bool = False


def judge(case: Case, sight: Sight, interval: float) -> Verdict:
    """Score one case. `interval` is the scrape interval in seconds."""
    homes = assigned(case.parts, sight.incidents)
    parts = tuple(
        _part(part, home, sight, interval) for part, home in zip(case.parts, homes, strict=True)
    )
    orders = [order for incident in sight.incidents for order in incident.orders]
    allowed = len(case.parts) or (0 if case.fault == "none" else 1)
    first = min((i.opened for i in sight.incidents), default=None)
    hit = sight.users_hit
    return Verdict(
        case=case,
        parts=parts,
        incidents=len(sight.incidents),
        false_incidents=max(0, len(sight.incidents) - allowed),
        orders=len(orders),
        unwanted_orders=0 if case.parts else len(orders),
        wrong_changes=wrong_changes(case.parts, orders, sight.ledger, sight.differences),
        changed=bool(sight.differences),
        lead=hit - first if case.slow and hit is not None and first is not None else None,
        users_hit=hit is not None,
        blast_wrong=blast_wrong(case, sight),
        seconds=sight.ended - sight.injected,
        shaky=sight.shaky,
    )


def blast_wrong(case: Case, sight: Sight) -> tuple[str, ...] | None:
    """What the incidents together say wrongly of whom the trouble hits."""
    named = [incident for incident in sight.incidents if incident.named.target]
    if sight.struck is None or not case.parts or not named:
        return None
    claims = [claim for incident in named for claim in incident.blast]
    causes = [part.target for part in case.parts]
    causes += [n.target for i in named for n in (i.named, *i.then) if n.target]
    return wrong_claims(claims, sight.struck, causes, sight.written)


def assigned(parts: Sequence[Part], incidents: Sequence[SeenIncident]) -> list[SeenIncident | None]:
    """Which incident tells of which trouble: by its cause, then by where it was seen, then by time.

    An incident tells of one trouble; of a second only if it named that after it had proved the
    repair of the first.
    """
    left = sorted(incidents, key=lambda i: i.opened)
    found: list[SeenIncident | None] = [None] * len(parts)
    for at, part in enumerate(parts):
        found[at] = next((i for i in left if names(i.named, part)), None)
        left = [i for i in left if i is not found[at]]
    for at, part in enumerate(parts):
        if found[at] is None:
            found[at] = next((i for i in left if part.target in i.services), None)
            left = [i for i in left if i is not found[at]]
    for at, incident in enumerate(found):
        if incident is None and left:
            found[at] = left.pop(0)
    for at, part in enumerate(parts):
        if found[at] is None:
            found[at] = next((i for i in incidents if later(i, part)), None)
    return found


def later(incident: SeenIncident, part: Part) -> Named | None:
    """How an incident named this trouble after the repair of another."""
    return next((named for named in incident.then if names(named, part)), None)


def names(named: Named, part: Part) -> bool:
    return named.target == part.target and named.kind in part.kinds


def _part(part: Part, home: SeenIncident | None, sight: Sight, interval: float) -> PartScore:
    # The repair counts wherever it was ordered from: two incidents may share a trouble.
    orders = [o for i in sight.incidents for o in i.orders]
    own = [o for o in orders if (o.runbook, o.target) == (part.repair, part.target)]
    told = own or (list(home.orders) if home else [])
    named = home.named if home else Named()
    if home and not names(named, part):
        named = later(home, part) or named
    return PartScore(
        expected=str(part),
        repair=f"{part.repair} on {part.target}" if part.repair else None,
        incident=home.id if home else None,
        delay=round((home.opened - sight.injected) / interval, 2) if home else None,
        named=str(named),
        said=home.said if home else "",
        right=bool(home and names(named, part)),
        kind_right=bool(home and named.target and named.kind in part.kinds),
        repaired=any(o.status == "applied" for o in own),
        outcome="; ".join(f"{o.runbook} on {o.target}: {o.status}" for o in told)
        or (f"no order ({home.phase})" if home else "not detected"),
    )
