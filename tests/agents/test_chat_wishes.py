"""Commands with people's words around them are read; what only sounds like one never is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from chimera.agents.supervisor import Supervisor
from chimera.agents.understanding.reading import Reading, read
from tests.agents.test_chat_reading import KNOWN, NOW

HERE = Path(__file__).parent
HOSTILE = yaml.safe_load((HERE / "hostile.yaml").read_text())
RIGHTFUL = yaml.safe_load((HERE / "rightful.yaml").read_text())


def reading(text: str) -> Reading:
    return read(text, KNOWN, Supervisor().intents, NOW)


@pytest.mark.parametrize("text", [text for texts in HOSTILE.values() for text in texts])
def test_what_only_sounds_like_an_order_is_never_one_by_itself(text: str) -> None:
    wishes = reading(text).wishes
    assert len(wishes) != 1 or not wishes[0].sure


@pytest.mark.parametrize(("kind", "runbook", "target", "text"), RIGHTFUL)
def test_a_command_may_carry_its_reason(kind: str, runbook: str, target: str, text: str) -> None:
    said = reading(text)
    (wish,) = said.wishes
    assert (wish.kind, wish.runbook, wish.sure) == (kind, runbook, True), said.doubts
    assert target in (wish.target, *said.named.nodes) if target else not wish.target


def test_intents_hold_on_phrasing_that_was_not_learnt() -> None:
    held = yaml.safe_load((HERE / "held_out.yaml").read_text())
    every = [(intent, text) for intent, texts in held.items() for text in texts]
    wrong = [
        (text, reading(text).intent) for intent, text in every if reading(text).intent != intent
    ]
    assert len(wrong) <= 0.1 * len(every), wrong


def test_what_it_is_comes_from_the_statement_beside_it() -> None:
    (wish,) = reading("lending is leaking memory, please restart it").wishes
    assert (wish.target, wish.reason) == ("lending", "lending is leaking memory")


def test_an_incident_that_is_spoken_of_is_the_one_to_close() -> None:
    (wish,) = reading("INC-21 is a false alarm, close it").wishes
    assert (wish.kind, wish.subject, wish.sure) == ("resolve", "INC-21", True)


@pytest.mark.parametrize(
    ("text", "intent", "nodes", "order"),
    [
        ("don't restart lending, just show me what it has been logging", "logs", ("lending",), ""),
        ("please don't scale lending. what changed in it?", "changes", ("lending",), ""),
        ("do not silence lending, I want to know who owns it", "owner", ("lending",), ""),
        (
            "don't approve MAN-1a2b3c4d/1 yet, first tell me what it would do",
            "order",
            (),
            "MAN-1a2b3c4d/1",
        ),
    ],
)
def test_the_question_beside_what_is_not_to_be_done_is_read(
    text: str, intent: str, nodes: tuple[str, ...], order: str
) -> None:
    said = reading(text)
    assert not said.wishes
    assert (said.intent, said.named.nodes, said.named.order) == (intent, nodes, order)


@pytest.mark.parametrize(
    "text", ["waht is wrng wiht lendng", "hwo is lending doign", "shwo the lgos of lending"]
)
def test_misspelt_english_is_english(text: str) -> None:
    said = reading(text)
    assert said.english
    assert said.named.nodes == ("lending",)
