"""What was changed and should not have been: by orders, and against how things are on a good day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chimera.bench.ground.controller import LedgerRow
from chimera.bench.trial.cases import Part
from chimera.bench.trial.sight import SeenOrder
from chimera.domain import TargetState


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
