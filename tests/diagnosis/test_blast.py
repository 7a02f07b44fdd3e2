"""Blast radius over the practice company's topology: who is hit, when, and whose it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chimera.diagnosis.blast import blast
from chimera.diagnosis.nodes import views
from chimera.domain import Estate, FaultKind, Hit, Node, moment
from chimera.domain import SignalKind as K
from chimera.sandbox.faults.catalogue import faults
from tests.diagnosis.panther import PANTHER, Panther
from tests.diagnosis.town import BEGAN, SINCE, STEP

F = FaultKind
PIPELINE = (
    "ingest", "raw_orders", "transform", "curated_orders", "forecast", "demand_forecast",
    "dashboard", "sales_dashboard",
)  # fmt: skip
DOWNSTREAM = {
    "storefront": (),
    "orders": ("storefront", *PIPELINE),
    "payments": ("orders", "storefront", *PIPELINE),
    "inventory": ("orders", "storefront", *PIPELINE),
    "ingest": (*PIPELINE[1:], "storefront"),
    "transform": (*PIPELINE[3:], "storefront"),
    "forecast": (*PIPELINE[5:], "storefront"),
    "dashboard": ("sales_dashboard", "storefront"),
    "raw_orders": (*PIPELINE[2:], "storefront"),
    "curated_orders": (*PIPELINE[4:], "storefront"),
    "demand_forecast": (*PIPELINE[6:], "storefront"),
    "bank": ("payments", "orders", "storefront", *PIPELINE),
    "orders-db": ("orders", "storefront", *PIPELINE),
}


def of(town: Panther, target: str, kind: FaultKind, now: float | None = None) -> dict[str, Hit]:
    case = town.case()
    case = case if now is None else replace(case, now=now)
    return {hit.name: hit for hit in blast(case, views(case), [(target, kind)])}


@pytest.mark.parametrize("name", faults())
def test_each_fault_reaches_what_hangs_on_it_with_its_owner(name: str) -> None:
    fault = faults()[name]
    for target in fault.targets if fault.is_fault else ():
        for cause in fault.causes(target):
            found = of(Panther(), cause.target, cause.kind)
            assert set(found) == set(DOWNSTREAM[cause.target])
            for hit in found.values():
                node = PANTHER.node(hit.name)
                assert node is not None
                assert (hit.owner, hit.kind) == (node.owner, node.kind)
                assert hit.product == (hit.name == "sales_dashboard")
                assert hit.by_way_of == PANTHER.way(cause.target, hit.name)[1:-1]


def test_data_are_late_when_nothing_new_arrived_for_as_long_as_they_may_be_old() -> None:
    town = Panther().poison("ingest")
    for name in ("raw_orders", "curated_orders", "demand_forecast", "sales_dashboard"):
        town.paint(name, K.FRESHNESS, np.full(SINCE, 14.0))  # not yet
    found = of(town, "ingest", F.POISON, BEGAN + STEP)
    product, raw = found["sales_dashboard"], found["raw_orders"]
    assert product.state == raw.state == "expected"
    assert product.at is not None
    assert abs((product.at - moment(BEGAN)).total_seconds() - 60) <= STEP  # its objective
    assert "sales-dashboard-freshness" in product.why
    assert raw.at is not None
    assert raw.at < product.at  # without an objective: older than ever
    assert str(product).startswith("sales_dashboard (analytics): expected from 07:09:")


def test_wrong_data_arrive_with_the_usual_lag() -> None:
    town = Panther().paint("raw_orders", K.NULLS, 0.4)
    found = of(town, "raw_orders", F.DATA, BEGAN + STEP)
    at = found["sales_dashboard"].at
    assert at is not None
    assert 10 <= (at - moment(BEGAN)).total_seconds() <= 25  # it is some 12 s old


def test_what_shows_it_comes_first_and_what_should_and_does_not_comes_last() -> None:
    found = of(Panther().slow("payments", 0.6), "payments", F.RELEASE)
    assert [h.name for h in found.values() if h.state == "hit"] == ["orders", "storefront"]
    assert found["raw_orders"].state == "spared"
    assert found["sales_dashboard"].state == "spared"  # what passes on the way there is as usual
    assert list(found)[:2] == ["orders", "storefront"]


def test_a_leak_that_nobody_feels_yet_has_no_time() -> None:
    found = of(Panther().ramp("payments", K.MEMORY, 2.5e8, over=30), "payments", F.MEMORY)
    assert {hit.state for hit in found.values()} == {"expected"}
    assert {hit.at for hit in found.values()} == {None}
    assert "once payments itself is felt" in found["orders"].why


def test_served_traffic_hits_nobody() -> None:
    assert of(Panther(), "orders", F.TRAFFIC) == {}


def test_of_two_causes_the_graver_word_counts() -> None:
    town = Panther().slow("payments", 0.6).poison("forecast")
    case = town.case()
    both = blast(case, views(case), [("payments", F.RELEASE), ("forecast", F.POISON)])
    states = {hit.name: hit.state for hit in both}
    assert len(states) == len(both)
    assert (states["orders"], states["sales_dashboard"]) == ("hit", "hit")


def test_the_way_is_the_shortest_and_a_circle_ends() -> None:
    assert PANTHER.way("payments", "sales_dashboard") == ("payments", "orders", *PIPELINE)
    assert PANTHER.way("sales_dashboard", "payments") == ()
    ring = Estate(
        nodes=(
            Node(name="a", calls=("b",)),
            Node(name="b", calls=("c",)),
            Node(name="c", calls=("a",)),
        )
    )
    assert ring.way("c", "a") == ("c", "b", "a")
    assert ring.way("c", "nobody") == ()
