"""Two troubles at once on the practice company's topology: both are found, and one stays one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chimera.diagnosis.ranking import rank
from chimera.diagnosis.spheres import together
from chimera.domain import FaultKind as F
from chimera.domain import SignalKind as K
from chimera.sandbox.faults.two_faults import FAULT
from tests.diagnosis.panther import Panther
from tests.diagnosis.test_ranking import FAULTS
from tests.diagnosis.town import Town

Paint = Callable[[Panther, str], object]
SHOWS: dict[F, Paint] = {
    F.CONFIGURATION: lambda p, at: p.change(at, "configuration", 15, "limit").fail(at, 0.3),
    F.RELEASE: lambda p, at: p.change(at, "release", 15).slow(at, 0.6),
    F.CPU: lambda p, at: p.paint(at, K.CPU, 0.9).slow(at, 0.3),
    F.POISON: lambda p, at: p.poison(at),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pair", FAULT.targets)
def test_both_causes_are_found_with_their_kinds(pair: str, seed: int) -> None:
    town = Panther(seed)
    wanted = {(cause.target, cause.kind) for cause in FAULT.causes(pair)}
    for cause in FAULT.causes(pair):
        SHOWS[cause.kind](town, cause.target)
    causes = together(rank(town.case("storefront", "orders", "sales_dashboard")).suspects)
    assert {(s.target, s.kind) for s in causes} == wanted


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fault", FAULTS)
def test_one_cause_stays_one(fault: str, seed: int) -> None:
    assert len(together(rank(FAULTS[fault][0](Town(seed)).case()).suspects)) == 1


@pytest.mark.parametrize("target", ["payments", "inventory", "orders"])
@pytest.mark.parametrize("kind", [F.CONFIGURATION, F.RELEASE, F.CPU])
def test_one_fault_of_a_service_stays_one_on_its_way_through_the_data(kind: F, target: str) -> None:
    town = Panther(1)
    SHOWS[kind](town, target)
    (cause,) = together(rank(town.case("storefront")).suspects)
    assert (cause.target, cause.kind) == (target, kind)


def test_rivals_for_one_trouble_are_not_two_causes() -> None:
    town = Panther(2).slow("payments", 0.6).change("payments", "release", 12)
    town.change("payments", "configuration", 40, "retries")
    suspects = rank(town.case()).suspects
    assert suspects[1].confidence > 0.5
    assert len(together(suspects)) == 1


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", [F.CONFIGURATION, F.RELEASE, F.CPU])
def test_an_incident_in_the_data_is_not_blamed_on_a_service_over_healthy_ones(
    kind: F, seed: int
) -> None:
    town = Panther(seed)
    SHOWS[kind](town, "payments")
    for caller in ("orders", "storefront"):
        for metric in (K.LATENCY, K.ERRORS):
            town.add(caller, metric)
    first = rank(town.poison("transform").case("curated_orders")).suspects[0]
    assert (first.target, first.kind) == ("transform", F.POISON)
