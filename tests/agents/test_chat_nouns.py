"""A question over data is asked of the columns that there are, or refused with their names."""

from __future__ import annotations

import pytest

from chimera.agents.chat.shape import Ask, Reply
from chimera.agents.chat.tables import sql_for
from chimera.agents.supervisor import Supervisor
from chimera.agents.understanding.names import Known
from chimera.agents.understanding.reading import read
from chimera.domain import Principal
from tests.agents.test_chat_reading import NOW

KNOWN = Known(
    columns={
        "parcels": {"id": "BIGINT", "depot": "VARCHAR", "carrier": "VARCHAR", "weight_kg": "DOUBLE"}
    }
)


def made(text: str) -> str | Reply:
    said = read(text, KNOWN, Supervisor().intents, NOW)
    return sql_for(Ask(said, "sql", Principal(id="eve", via="test"), NOW, KNOWN))


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
    reply = made(text)
    assert isinstance(reply, Reply), reply
    assert reply.kind == "refused"
    assert noun in reply.text
    assert "weight_kg" in reply.text


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("average weight by carrier in parcels", 'avg("weight_kg")'),
        ("average wieght_kg by carrier in parcels", 'avg("weight_kg")'),
        ("max weight_kg in parcels", 'max("weight_kg")'),
        ("total amount by depot in parcels", 'sum("weight_kg")'),
        ("how many parcels per depot", "count(*)"),
    ],
)
def test_what_is_asked_for_is_what_is_computed(text: str, sql: str) -> None:
    statement = made(text)
    assert isinstance(statement, str), statement
    assert sql in statement


def test_an_average_of_nothing_is_asked_about() -> None:
    reply = made("average by carrier in parcels where depot is OSL")
    assert isinstance(reply, Reply)
    assert reply.kind == "refused"
