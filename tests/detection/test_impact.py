"""What an incident's priority is, and the sentence that says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chimera.detection.holding import Holds, Odd
from chimera.detection.impact import impact
from chimera.domain import Estate, Matcher, Node, Planned, Silence, Vote, sway

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)  # a Sunday
SHOP = Estate(
    nodes=(
        Node(name="web", tier=1, calls=("orders",)),
        Node(name="orders", tier=1),
        Node(name="stock", tier=3),
        Node(name="load", tier=2, kind="step", calls=("orders",), writes=("raw",)),
        Node(name="raw", kind="dataset"),
        Node(name="report", tier=2, kind="step", reads=("raw",), writes=("sales_dashboard",)),
        Node(name="sales_dashboard", kind="dataset"),
    )
)


@pytest.mark.parametrize(
    ("services", "felt", "burning", "says"),
    [
        (
            ("orders",),
            ("orders",),
            {},
            "P2: orders is tier 1; users feel it; feeds sales_dashboard, web",
        ),
        (
            ("orders",),
            ("orders",),
            {"orders": 14.4},
            "P1: orders is tier 1; users feel it; orders burns its error budget 14.4 times too "
            "fast; feeds sales_dashboard, web",
        ),
        (("stock",), ("stock",), {}, "P3: stock is tier 3; users feel it"),
        (("stock",), (), {"web": 20.0}, "P4: stock is tier 3; users do not feel it"),
        (
            ("load",),
            (),
            {},
            "P3: load is tier 2; users do not feel it; feeds sales_dashboard",
        ),
        (("nobody knows it",), ("nobody knows it",), {}, "P3: users feel it"),
        (
            ("stock", "orders", "web"),
            ("stock", "orders", "web"),
            {},
            "P1: orders, web are tier 1; users feel it in orders, stock, web; feeds sales_dashboard",
        ),
    ],
)
def test_the_sentence_names_every_reason(
    services: tuple[str, ...], felt: tuple[str, ...], burning: dict[str, float], says: str
) -> None:
    priority, why = impact(services, felt, SHOP, burning)
    assert why == says
    assert why.startswith(priority.value)


def silence(matcher: dict[str, object], kind: str = "silence") -> Silence:
    return Silence.model_validate(
        {
            "id": "SIL-1",
            "kind": kind,
            "matcher": Matcher.model_validate(matcher),
            "since": NOON,
            "until": NOON + timedelta(hours=1),
            "by": "bob",
            "reason": "noise",
            "order": "MAN-1/1",
        }
    )


def odd(felt: bool = False, began: datetime = NOON, service: str = "orders") -> Odd:
    return Odd(service, "latency", "shop", began, felt, {"region": "eu-1"})


@pytest.mark.parametrize(
    ("matcher", "felt", "held"),
    [
        ({"services": ["orders"]}, False, True),
        ({"services": ["ord*"]}, False, True),
        ({"services": ["web"]}, False, False),
        ({"labels": {"region": "eu-*"}}, False, True),
        ({"labels": {"region": "us-*"}}, False, False),
        ({"labels": {"zone": "x"}}, False, False),
        ({"environment": "live"}, False, False),
        # What users feel is silenced by nothing but its own name.
        ({"services": ["orders"]}, True, False),
        ({"services": ["orders"], "signals": ["lat*"]}, True, False),
        ({"services": ["orders"], "signals": ["latency"]}, True, True),
    ],
)
def test_a_silence_holds_what_it_matches_and_a_page_only_by_name(
    matcher: dict[str, object], felt: bool, held: bool
) -> None:
    now = Holds(NOON + timedelta(minutes=5), (silence(matcher),))
    assert (now.on(odd(felt)) == "silence SIL-1") is held
    over = Holds(NOON + timedelta(hours=1), (silence(matcher),))
    assert over.on(odd(felt)) is None


def test_maintenance_holds_what_begins_in_it_until_it_ends() -> None:
    planned = Planned(services=("ord*",), weekly=("sun 11:30-13:00",), reason="upgrade")
    for one in (
        Holds(NOON, (), (planned,)),
        Holds(NOON, (silence({"services": ["orders"]}, "maintenance"),)),
    ):
        assert "maintenance" in (one.on(odd(felt=True)) or "")
        assert one.on(odd(began=NOON - timedelta(hours=2))) is None
        assert one.on(odd(service="web")) is None
    assert Holds(NOON + timedelta(hours=1), (), (planned,)).on(odd()) is None
    assert Holds(NOON + timedelta(days=7), (), (planned,)).on(odd()) is None  # began before it


def test_a_window_over_midnight_is_one_window() -> None:
    planned = Planned(weekly=("sat 23:00-02:00", "daily 12:00-12:30"))
    night = NOON.replace(hour=1)
    assert planned.window(night) == (
        NOON.replace(hour=23) - timedelta(days=1),
        NOON.replace(hour=2),
    )
    assert planned.window(NOON) == (NOON, NOON + timedelta(minutes=30))
    assert planned.window(NOON + timedelta(days=1, hours=13)) is None
    assert len(planned.between(NOON - timedelta(days=7), NOON)) == 8


def vote(person: str, useful: bool = False, days: float = 0, page: bool = False) -> Vote:
    return Vote(
        subject=f"a-{person}",
        person=person,
        useful=useful,
        signal="cpu",
        service="orders",
        page=page,
        at=NOON - timedelta(days=days),
    )


def test_votes_are_bounded_expire_and_never_touch_a_page() -> None:
    (one,) = sway([vote("bob")], NOON)
    assert one.decades == 0.5
    (many,) = sway([vote(f"p{n}") for n in range(50)], NOON)
    assert many.decades == 2.0
    (even,) = sway([vote("bob"), vote("ana", useful=True)], NOON)
    assert even.decades == 0.0
    assert sway([vote("bob", days=14)], NOON) == []
    (page,) = sway([vote("bob", page=True), vote("eve")], NOON)
    assert page.decades == 0.0
    assert "nothing is muted" in str(page)
