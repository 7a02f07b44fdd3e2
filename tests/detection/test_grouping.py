"""Which signals are one incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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


def test_what_shows_the_same_signal_takes_it_before_the_oldest() -> None:
    split = [
        Group(incident="INC-1", services={"pay": NOON}, alike={("pay", "errors")}),
        Group(incident="INC-2", services={"cart": NOON}, alike={("cart", "latency")}),
    ]
    like = Sign("a", "cart", NOON + timedelta(seconds=5), "latency")
    (changed,) = assign([like], split, NEAR)
    assert changed.incident == "INC-2"


def test_without_a_topology_likeness_gives_more_time() -> None:
    nowhere = Neighbourhood(Estate())

    def signs(*whats: str) -> list[Sign]:
        return [
            Sign(f"{n}", f"host-{n}", NOON + timedelta(seconds=200 * n), what)
            for n, what in enumerate(whats)
        ]

    assert len(assign(signs("disk", "disk", "disk"), [], nowhere)) == 1
    assert len(assign(signs("disk", "cpu", "queue"), [], nowhere)) == 3


def test_without_a_topology_time_decides() -> None:
    nowhere = Neighbourhood(Estate())
    assert incidents(sign("a"), sign("b", 30), near=nowhere) == [{"a", "b"}]
    assert incidents(sign("a"), sign("b", 300), near=nowhere) == [{"a"}, {"b"}]


class Counting(Neighbourhood):
    """Counts how often two are compared."""

    calls = 0

    def related(self, sign: Sign, group: Group) -> bool:
        self.calls += 1
        return super().related(sign, group)


MANY = 2000
ISLANDS = Estate(nodes=tuple(Node(name=f"s{n}") for n in range(MANY)))


@pytest.mark.parametrize(
    ("estate", "apart", "groups"), [(Estate(), 100, MANY), (ISLANDS, 0, MANY), (Estate(), 1, 1)]
)
def test_thousands_of_signs_are_not_all_compared_with_each_other(
    estate: Estate, apart: float, groups: int
) -> None:
    near = Counting(estate)
    many = [sign(f"s{n}", n * apart) for n in range(MANY)]
    assert len(assign(many, [], near)) == groups
    assert near.calls < 6 * MANY


def test_trouble_that_lasts_takes_in_what_begins_while_it_does() -> None:
    def open_one() -> Group:
        lasting = {"web": (NOON, NOON + timedelta(hours=1))}
        return Group(incident="INC-1", services={"web": NOON}, lasting=lasting)

    assert [g.incident for g in assign([sign("pay", 1800)], [open_one()], NEAR)] == ["INC-1"]
    assert [g.incident for g in assign([sign("pay", 3600 + 600)], [open_one()], NEAR)] == [None]
    assert [g.incident for g in assign([sign("stranger", 1800)], [open_one()], NEAR)] == [None]


def test_a_weak_sign_joins_and_neither_opens_nor_brings_others() -> None:
    assert assign([], [], NEAR, weak=[sign("web")]) == []
    (group,) = assign([sign("web")], [], NEAR, weak=[sign("cart", 5), sign("island", 5)])
    assert (group.signs, set(group.services)) == (["web@0", "cart@5"], {"web"})
