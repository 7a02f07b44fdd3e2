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
