"""What counts as flapping: a signal that comes and goes by itself, and not by a repair's doing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chimera.domain import Estate, Node, Outcome
from chimera.flows.marks import Returns, shakes
from chimera.platform.store import Member, OrderRecord
from tests.flows.company import order

BEGUN = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
ESTATE = Estate(
    nodes=(Node(name="shop", calls=("ledger",)), Node(name="ledger"), Node(name="mail"))
)


def slow(service: str, *minutes: float) -> list[Member]:
    """The service was slow anew at each of these minutes."""
    return [
        Member(
            signal=f"{service}-{minute}",
            kind="anomaly",
            incident="INC-1",
            service=service,
            active=True,
            changed=BEGUN,
            body={
                "signal": "latency",
                "began": (BEGUN + timedelta(minutes=minute)).isoformat(),
            },
        )
        for minute in minutes
    ]


def record(status: str | None) -> OrderRecord:
    """A change of ledger from minute 2 to minute 5, or one that never was."""
    asked = order(target="ledger", created=BEGUN + timedelta(minutes=2))
    if status is None:
        return OrderRecord(order=asked, state="running")
    ended = Outcome.model_validate(
        {"order_id": asked.id, "status": status, "at": BEGUN + timedelta(minutes=5)}
    )
    return OrderRecord(order=asked, outcome=ended, state="done")


@pytest.mark.parametrize("status", ["applied", "rolled_back", None])
def test_what_a_repair_stirs_does_not_count_as_coming_back(status: str | None) -> None:
    members = slow("shop", 0, 3, 4)
    shaken = shakes([record(status)], ESTATE, BEGUN + timedelta(minutes=6))
    returns = Returns.of(members, shaken)
    assert not returns.flapping(members)
    assert returns.within(members) == 0


@pytest.mark.parametrize(
    ("members", "status"),
    [
        (slow("shop", 0, 3, 4), "refused"),
        (slow("shop", 0, 1, 7), "applied"),
        (slow("mail", 0, 3, 4), "applied"),
    ],
    ids=["nothing was changed", "before and after", "nothing that the change reaches"],
)
def test_what_comes_back_by_itself_does(members: list[Member], status: str) -> None:
    shaken = shakes([record(status)], ESTATE, BEGUN + timedelta(minutes=9))
    returns = Returns.of(members, shaken)
    assert [times for times, _ in returns.flapping(members)] == [3]
    assert returns.within(members) == 2
