"""A question over data is asked of the columns and values that there are; nothing is read over."""

from __future__ import annotations

from datetime import date

import pytest

from chimera.agents.chat.figures.asking import question
from chimera.agents.chat.figures.days import days_in
from chimera.agents.chat.figures.question import Question
from chimera.agents.chat.figures.values import spoken
from chimera.agents.chat.shape import Reply

FIELDS = {
    "id": "VARCHAR",
    "depot": "VARCHAR",
    "carrier": "VARCHAR",
    "weight_kg": "DOUBLE",
    "day": "VARCHAR",
}
VALUES = {
    "depot": ("Oslo", "Bergen"),
    "carrier": ("DHL", "UPS"),
    "day": ("2026-11-22", "2026-11-23"),
    "id": ("P1", "P2"),
}
TODAY = date(2026, 11, 23)


def asked(text: str, before: Question | None = None) -> Question | Reply:
    return question(text, "parcels", FIELDS, VALUES, TODAY, before)


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("average volume by carrier in parcels", "volume"),
        ("sum of revenue by depot in parcels", "revenue"),
        ("total price per depot in parcels", "price"),
        ("maximum height in parcels", "height"),
        ("average weight by harbour in parcels", "harbour"),
        ("which vessel has the highest weight in parcels?", "vessel"),
        ("top 5 vessels by weight_kg in parcels", "vessels"),
        ("average weight of parcels where colour is red", "colour"),
    ],
)
def test_a_noun_that_is_no_column_is_refused_by_its_name(text: str, noun: str) -> None:
    reply = asked(text)
    assert isinstance(reply, Reply), reply
    assert reply.kind == "refused"
    assert noun in reply.text
    assert "weight_kg" in reply.text


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("average weight by carrier in parcels", ['avg("weight_kg")', 'GROUP BY "carrier"']),
        ("average wieght_kg by carrier in parcels", ['avg("weight_kg")']),
        ("max weight_kg in parcels", ['max("weight_kg")']),
        ("total amount by depot in parcels", ['sum("weight_kg")']),
        ("how many parcels per depot", ["count(*)", 'GROUP BY "depot"']),
        ("heaviest parcel?", ['ORDER BY "weight_kg" DESC LIMIT 1']),
        ("the three lightest parcels", ['"weight_kg" ASC']),
        ("second heaviest parcel", ["LIMIT 1 OFFSET 1"]),
        ("top 2 depots by tonnage", ['sum("weight_kg")', 'GROUP BY "depot"', "LIMIT 2"]),
        ("which carrier has the most parcels", ["count(*)", 'GROUP BY "carrier"']),
        ("how many parcels of DHL weigh more than 10 kg", ["IN ('DHL')", '"weight_kg" > 10']),
        ("how many parcels not from dhl", ["NOT IN ('DHL')"]),
        ("total weight yesterday", ["'2026-11-22'", "'2026-11-23'"]),
        ("how many parcels have no depot", ['"depot" IS NULL']),
        ("depots with more than 2 parcels", ["HAVING count(*) > 2", 'GROUP BY "depot"']),
        ("what share of the parcels are from UPS", ["FILTER", "IN ('UPS')"]),
        ("how many different carriers, and the total weight", ["count(DISTINCT", "sum("]),
        ("smallest and largest weight", ["min(", "max("]),
        ("which depot is P2 in", ['DISTINCT "depot"', "IN ('P2')"]),
        ("weight per day", ['GROUP BY "day"', 'ORDER BY "day" ASC']),
        ("tonnes by carrier, smallest first", ['sum("weight_kg")', "value ASC"]),
    ],
)
def test_what_is_asked_for_is_what_is_computed(text: str, pieces: list[str]) -> None:
    made = asked(text)
    assert isinstance(made, Question), made
    for piece in pieces:
        assert piece in made.sql()


def test_a_value_that_is_not_there_is_told_with_those_that_are() -> None:
    reply = asked("how many parcels in depot NYC?")
    assert isinstance(reply, Reply)
    assert "NYC" in reply.text
    assert "Oslo" in reply.text


def test_a_follow_up_replaces_what_it_names_and_keeps_the_rest() -> None:
    first = asked("total weight of DHL in Oslo")
    assert isinstance(first, Question)
    second = asked("and UPS?", first)
    assert isinstance(second, Question)
    assert "IN ('UPS')" in second.sql()
    assert "IN ('Oslo')" in second.sql()
    assert 'sum("weight_kg")' in second.sql()
    heaviest = asked("heaviest parcel")
    assert isinstance(heaviest, Question)
    carrier = asked("which carrier is that one with?", heaviest)
    assert isinstance(carrier, Question)
    assert carrier.show == ("carrier",)
    assert carrier.rank == "weight_kg"


@pytest.mark.parametrize(
    ("said", "value", "expected"),
    [
        ("total weight of MSC boxes in port HAM", "MSC", True),
        ("how many bookings from hapag", "Hapag", True),
        ("which customer spent a lot", "a", False),  # one letter is a word
        ("is it in there", "IS", False),  # no country
        ("the hamburger of the day", "HAM", False),
        ("o'brien's orders", "O'Brien", True),
    ],
)
def test_a_value_is_read_as_a_whole_word(said: str, value: str, expected: bool) -> None:
    assert bool(spoken(said, value)) is expected


@pytest.mark.parametrize(
    ("said", "begin", "end"),
    [
        ("on 2026-11-20", "2026-11-20", "2026-11-21"),
        ("yesterday", "2026-11-22", "2026-11-23"),
        ("since 2026-11-20", "2026-11-20", ""),
        ("before friday", "", "2026-11-20"),
        ("in october", "2026-10-01", "2026-11-01"),
        ("on the 9th of november", "2026-11-09", "2026-11-10"),
        ("over the last 3 days", "2026-11-21", "2026-11-24"),
        ("between 2026-11-01 and 2026-11-05", "2026-11-01", "2026-11-06"),
    ],
)
def test_days_as_people_say_them(said: str, begin: str, end: str) -> None:
    found = days_in(said, TODAY)
    assert found is not None
    assert found[:2] == (begin, end)
