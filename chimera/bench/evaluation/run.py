"""Run cases state by state; several runs, shuffled, each with threads of its own."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from langgraph.checkpoint.memory import InMemorySaver

from chimera.bench.evaluation.door import WrittenDoor
from chimera.bench.evaluation.files import Case, State
from chimera.bench.evaluation.judge import Verdict, judge
from chimera.bench.evaluation.world import World, world
from chimera.domain import Misconfigured, Principal
from chimera.flows.conversation import Conversation
from chimera.flows.conversation.conversation import Models

Said = Callable[[str, int, int], None]


async def run(
    cases: Iterable[Case],
    states: dict[str, tuple[Path, State]],
    runs: int = 3,
    seed: int = 1,
    said: Said = lambda what, done, of: None,
    model: Models | None = None,
) -> list[list[Verdict]]:
    """The verdicts of each run, in the order of the cases. Without a `model` the rules answer."""
    every = list(cases)
    found: list[dict[str, Verdict]] = [{} for _ in range(runs)]
    done = 0
    for name in sorted({case.state for case in every}):
        file, state = states[name]
        mine = [case for case in every if case.state == name]
        with tempfile.TemporaryDirectory(prefix="chimera-eval-") as folder:
            async with world(state, file, Path(folder)) as here:
                for number in range(runs):
                    order = list(mine)
                    random.Random(f"{seed}/{number}/{name}").shuffle(order)
                    for case in order:
                        found[number][case.id] = await one(case, here, f"{number}/{case.id}", model)
                        done += 1
                        said(f"{name}: {case.id}", done, runs * len(every))
    return [[verdicts[case.id] for case in every] for verdicts in found]


async def one(case: Case, here: World, thread: str, model: Models | None = None) -> Verdict:
    """One conversation."""
    door = WrittenDoor(here.runbooks, here.estate, here.now, tuple(here.people.values()))
    conversation = Conversation(here.services, door, InMemorySaver(), model=model)
    first = case.who or next(iter(here.people))
    turns = (case.say,) if isinstance(case.say, str) else case.say
    tools: list[str] = []
    began = time.perf_counter()
    reply, made = None, []
    for turn in turns:
        text, who = (turn, first) if isinstance(turn, str) else (turn.say, turn.who or first)
        person = person_of(case, here, who)
        reply, state = await conversation.turn(thread, text, person, here.now)
        tools += [call["tool"] for call in state.get("called", [])]
        made += [reply.made] if reply.made else []
    if reply is None:
        raise Misconfigured(f"case {case.id} says nothing")
    verdict = judge(case, reply, tools, door.placed, time.perf_counter() - began)
    return replace(verdict, made=tuple(made))


def person_of(case: Case, here: World, who: str) -> Principal:
    if who not in here.people:
        known = ", ".join(here.people)
        raise Misconfigured(f"case {case.id}: the state knows no {who!r}; it knows {known}")
    return here.people[who]
