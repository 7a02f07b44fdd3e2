"""Which signals are one incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chimera.detection.grouping import Group, Neighbourhood, Sign, assign
from chimera.domain import Estate, Node

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHOP = Estate(
    nodes=(
        Node(name="web", calls=("cart",)),
        Node(name="cart", calls=("pay", "stock"), writes=("orders",)),
        Node(name="pay"),
        Node(name="stock"),
        Node(name="orders", kind="dataset"),
        Node(name="load", kind="step", reads=("orders",), writes=("clean",)),
        Node(name="clean", kind="dataset"),
        Node(name="report", kind="step", reads=("clean",), writes=("page",)),
        Node(name="page", kind="dataset"),
        Node(name="island"),
    )
)
NEAR = Neighbourhood(SHOP)


def sign(service: str, after: float = 0, name: str = "") -> Sign:
    return Sign(name or f"{service}@{after}", service, NOON + timedelta(seconds=after))


def incidents(*signs: Sign, near: Neighbourhood = NEAR) -> list[set[str]]:
    return [set(group.services) for group in assign(signs, [], near)]


def test_a_storm_of_one_fault_is_one_incident() -> None:
    storm = [
        sign(service, second, f"{service}-{n}-{second}")
        for service in ("web", "cart", "pay")
        for n in range(40)
        for second in range(0, 90, 10)
    ]
    assert len(storm) > 1000
    assert incidents(*storm) == [{"web", "cart", "pay"}]


def test_what_is_far_apart_is_two() -> None:
    assert incidents(sign("stock"), sign("report", 5)) == [{"stock"}, {"report"}]
    assert incidents(sign("web"), sign("island", 5)) == [{"web"}, {"island"}]


def test_a_silent_neighbour_does_not_break_the_chain() -> None:
    assert incidents(sign("web"), sign("pay", 5)) == [{"web", "pay"}]


def test_data_carries_trouble_downstream() -> None:
    assert incidents(sign("load"), sign("report", 20)) == [{"load", "report"}]


def test_later_trouble_of_a_neighbour_is_another_incident() -> None:
    assert incidents(sign("web"), sign("pay", 600)) == [{"web"}, {"pay"}]


def test_the_oldest_open_incident_takes_it() -> None:
    open_ones = [
        Group(incident="INC-1", services={"pay": NOON}),
        Group(incident="INC-2", services={"stock": NOON}),
    ]
    (changed,) = assign([sign("cart", 5)], open_ones, NEAR)
    assert changed.incident == "INC-1"


def test_without_a_topology_time_decides() -> None:
    nowhere = Neighbourhood(Estate())
    assert incidents(sign("a"), sign("b", 30), near=nowhere) == [{"a", "b"}]
    assert incidents(sign("a"), sign("b", 300), near=nowhere) == [{"a"}, {"b"}]
