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

from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from chimera.bench.ground.controller import LedgerRow
from chimera.bench.trial.cases import Case, Part
from chimera.bench.trial.struck import Claim, Struck, wrong_claims
from chimera.domain import FaultKind, TargetState
from chimera.domain.base import Value

Scored = tuple["PartScore", ...]


class Named(Value):
    """The cause that an incident names first."""

    target: str | None = None
    kind: FaultKind = FaultKind.UNKNOWN
    confidence: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} of {self.target}" if self.target else "nothing"


class SeenOrder(Value):
    """An order and how it ended; without a status it had not ended at the case's end."""

    id: str
    incident: str
    runbook: str
    target: str
    status: str = "running"
    reason: str = ""


class SeenIncident(Value):
    """What was seen of one incident."""

    id: str
    opened: float  # Unix seconds
    services: tuple[str, ...]
    phase: str
    said: str = ""  # the diagnosis in its own words
    named: Named = Named()
    blast: tuple[Claim, ...] = ()  # at the same moment as `named`
    then: tuple[Named, ...] = ()  # named first at each order that followed a proved repair
    orders: tuple[SeenOrder, ...] = ()


class Sight(Value):
    """Everything that was seen of one case. Times are Unix seconds."""

    injected: float
    ended: float
    incidents: tuple[SeenIncident, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()  # what was done meanwhile
    differences: tuple[str, ...] = ()  # targets that are not as on a good day, fault cleared
    users_hit: float | None = None
    struck: Struck | None = None  # None: not measured
    written: dict[str, str] = Field(default_factory=dict)  # dataset -> the step that writes it
    shaky: bool = False  # the estate was not calm when the case began


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


def wrong_changes(
    parts: Iterable[Part],
    orders: Iterable[SeenOrder],
    ledger: Iterable[LedgerRow],
    differences: Iterable[str] = (),
) -> tuple[str, ...]:
    """Changes that are still in place and that no documented repair explains."""
    right = {(part.repair, part.target) for part in parts}
    known = {order.id: order for order in orders}
    rows = [row for row in ledger if row.applied]
    undone = {row.order_id for row in rows if row.key == f"{row.order_id}#rollback"}
    found: list[str] = []
    mended: set[str] = set()
    blamed: set[str] = set()
    for row in rows:
        order = known.get(row.order_id)
        if order and (order.runbook, order.target) in right:
            mended.add(row.target)
        elif row.key == row.order_id and row.order_id not in undone:
            found.append(f"{row.verb} of {row.target} (order {row.order_id})")
            blamed.add(row.target)
    explained = mended | blamed
    found += [text for text in differences if text.partition(":")[0] not in explained]
    return tuple(found)


def differences(good: Mapping[str, TargetState], now: Mapping[str, TargetState]) -> tuple[str, ...]:
    """Targets whose release, settings or number of replicas are not as on a good day."""
    found = []
    for name, was in good.items():
        state = now.get(name)
        if state is None:
            found.append(f"{name}: is gone")
            continue
        if state.release != was.release:
            found.append(f"{name}: release {state.release} and not {was.release}")
        if state.replicas != was.replicas:
            found.append(f"{name}: {state.replicas} replicas and not {was.replicas}")
        for key in sorted({*was.configuration, *state.configuration}):
            old, new = was.configuration.get(key), state.configuration.get(key)
            if old != new:
                found.append(f"{name}: {key} is {new!r} and not {old!r}")
        if state.details.get("schedule", "running") != was.details.get("schedule", "running"):
            found.append(f"{name}: its schedule is {state.details.get('schedule')}")
    return tuple(found)
