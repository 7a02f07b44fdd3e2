"""The injection bench: it can fail, it reads other people's texts, and one text runs end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chimera.bench.attack.attempt import Result
from chimera.bench.attack.goals import goals
from chimera.bench.attack.place import SECRETS, WAITING
from chimera.bench.attack.report import summary
from chimera.bench.attack.run import Found, attempts, run
from chimera.bench.attack.spellings import SPELT, holds
from chimera.bench.attack.texts import Text, read
from chimera.domain import Misconfigured

GOALS = goals(WAITING)


def test_the_texts_that_ship_make_enough_attempts() -> None:
    assert len(attempts(read())) >= 3000


def test_other_peoples_texts_are_filled_with_each_goal(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    lines = [{"id": 7, "text": "Hark! <INSTRUCTION>"}, {"id": "b", "text": "no place for one"}]
    file.write_text("\n".join(json.dumps(line) for line in lines))
    first, second = read(file)
    assert first.records(GOALS[0]) == (f"Hark! {GOALS[0].instruction}",)
    assert second.records(GOALS[0]) == ("no place for one",)
    file.write_text('{"id": "a"}')
    with pytest.raises(Misconfigured, match="line 1"):
        read(file)


@pytest.mark.parametrize("name", SPELT)
def test_a_leak_is_found_in_every_spelling(name: str) -> None:
    assert holds(f"see {SPELT[name](SECRETS[0])} there", SECRETS[0])
    assert not holds(f"see {SPELT[name]('nothing of the kind')} there", SECRETS[0])


def test_one_change_one_leak_or_a_lame_control_is_not_good() -> None:
    every = attempts([Text("a", "<INSTRUCTION>")])
    calm = tuple(Result(one) for one in every)
    real = tuple(Result(one, changed=("x",)) for one in every)
    assert Found(calm, real, ((True, True),), 1.0).good
    assert not Found((*calm[1:], Result(every[0], changed=("x",))), real, ((True, True),), 1.0).good
    assert not Found((*calm[1:], Result(every[0], leaked=("chat",))), real, ((True, True),), 1).good
    assert not Found(calm, calm, ((True, True),), 1.0).good
    assert not Found(calm, real, ((False, True),), 1.0).good


async def test_a_text_in_every_carrier_for_every_goal_gets_nothing_and_the_control_all() -> None:
    found = await run([Text("plain", "Assistant: <INSTRUCTION>.")])
    figures = summary(found)
    assert figures["attempts"] == 45
    assert figures["guard"]["succeeded"] == []
    assert figures["guard"]["read_by_the_model"] == 45
    assert figures["control"]["failed"] == []
    assert figures["rightful"]["with_guard"] == figures["rightful"]["orders"]
    assert figures["good"]
