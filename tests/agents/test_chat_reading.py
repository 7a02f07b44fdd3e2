"""What a message says, read without a model: wishes word by word, times, names, languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chimera.agents.supervisor import Supervisor
from chimera.agents.understanding.names import Known
from chimera.agents.understanding.reading import Reading, read
from chimera.agents.understanding.times import span_in
from chimera.domain import Estate, Node

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
KNOWN = Known(
    Estate(
        nodes=(
            Node(name="lending"),
            Node(name="card-desk"),
            Node(name="daily_loans", kind="dataset"),
        )
    ),
    metrics=("http_requests_total", "up"),
    columns={"daily_loans": {"branch": "VARCHAR", "amount": "DOUBLE"}},
    runbooks=("restart_service", "scale_service", "silence"),
)


def reading(text: str) -> Reading:
    return read(text, KNOWN, Supervisor().intents, NOW)


@pytest.mark.parametrize(
    ("text", "kind", "runbook", "target"),
    [
        ("restart lending", "run", "restart_service", "lending"),
        ("Could you please restart the card desk service?", "run", "restart_service", "card-desk"),
        ("lending is slow, thanks. restart lending now", "run", "restart_service", "lending"),
        ("scale lending to 4 replicas", "run", "scale_service", "lending"),
        ("roll back the last release of lending", "run", "roll_back_release", "lending"),
        ("recycle the connection pool of card-desk", "run", "recycle_pool", "card-desk"),
        ("silence lending for an hour", "silence", "", "lending"),
        ("run restart_service on card-desk", "run", "restart_service", "card-desk"),
        ("pause all changes", "pause", "", ""),
        ("approve MAN-1a2b3c4d/1", "approve", "", ""),
    ],
)
def test_a_wish_is_read_word_by_word(text: str, kind: str, runbook: str, target: str) -> None:
    (wish,) = reading(text).wishes
    assert (wish.kind, wish.runbook, wish.target) == (kind, runbook, target)


@pytest.mark.parametrize(
    "text",
    [
        "should I restart lending?",
        "don't restart lending",
        "restart lending if it gets slow",
        "if it is slow restart lending",
        "restart lending and card-desk",
        'the log says "restart lending"',
        "why did you restart lending?",
        "what happens if I restart lending",
        "lending should be restarted, says the ticket",
        "restart lending with all its data deleted",
        "kill lending",
        "Starte lending bitte neu",
        "reinicia lending por favor",
        "lendingを再起動してください",
    ],
)
def test_what_is_not_wholly_an_order_is_none(text: str) -> None:
    assert reading(text).wishes == ()


@pytest.mark.parametrize("text", ["restart lendng", "ERROR out of disk. restart lending"])
def test_a_typo_or_pasted_text_makes_a_wish_unsure(text: str) -> None:
    assert [wish.sure for wish in reading(text).wishes] == [False]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("last 2 h", timedelta(hours=-2), timedelta()),
        ("in the past 30 minutes", timedelta(minutes=-30), timedelta()),
        ("yesterday 14:00", timedelta(hours=-25, minutes=-45), timedelta(hours=-25, minutes=-15)),
        ("since 14:00", timedelta(hours=-1, minutes=-30), timedelta()),
        (
            "between 13:00 and 14:00",
            timedelta(hours=-2, minutes=-30),
            timedelta(hours=-1, minutes=-30),
        ),
        ("an hour ago", timedelta(hours=-1), timedelta()),
        ("since yesterday", timedelta(hours=-39, minutes=-30), timedelta()),
        ("since 16:00", timedelta(hours=-23, minutes=-30), timedelta()),  # today's is to come
    ],
)
def test_times_as_people_say_them(text: str, since: timedelta, until: timedelta) -> None:
    span, rest = span_in(f"latency of lending {text}", NOW)
    assert (span.since, span.until) == (NOW + since, NOW + until)
    assert "xtime" in rest


def test_an_anchor_is_looked_up_and_nonsense_is_no_time() -> None:
    assert span_in("p99 since the last deploy", NOW)[0].anchor == "deploy"
    assert span_in("p99 since the incident began", NOW)[0].anchor == "incident"
    assert span_in("at 29:00", NOW)[0].empty


def test_names_are_found_however_they_are_written_and_strangers_are_told() -> None:
    assert reading("how is the Card Desk?").named.nodes == ("card-desk",)
    assert reading("how fresh are the daily loans?").named.nodes == ("daily_loans",)
    assert reading("how is lendign doing?").named.nodes == ("lending",)
    assert reading("how is billing doing?").named.unknown == ("billing",)


@pytest.mark.parametrize(
    "text",
    ["Warum ist lending so langsam?", "¿por qué está lento lending?", "lending est en panne ?"],
)
def test_other_languages_are_not_understood(text: str) -> None:
    assert not reading(text).english


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("anything burning?", "status"),
        ("why do you think so?", "cause"),
        ("who should I talk to about lending", "owner"),
        ("how many rows in daily_loans per branch", "sql"),
        ("what's left of the error budget", "slo"),
        ("any approvals pending?", "orders"),
    ],
)
def test_intents_generalise_beyond_their_examples(text: str, intent: str) -> None:
    assert reading(text).intent == intent
