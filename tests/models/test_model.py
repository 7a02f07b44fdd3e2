"""The model's client against a server over a socket: words, calls, failures, budgets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chimera.domain import Misconfigured, Unavailable
from chimera.domain.dialogue import Message, ToolCall, ToolOffer
from chimera.platform.models import BudgetSpent, TooLong, Unusable
from chimera.platform.store import Store
from tests.models.serving import Server, server

ASK = (
    Message(role="system", text="You look at things.", writer="chimera"),
    Message(role="user", text="how is fees?", writer="asker"),
)
LOOK = ToolOffer(
    name="look",
    purpose="Look at a service.",
    arguments={"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as running:
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    yield opened
    await opened.close()


async def ask(model: Any, *tools: ToolOffer, seconds: float = 20.0, hear: Any = None) -> Any:
    dialogue = model.dialogue("thread", "chat", "chat@1", seconds, hear)
    try:
        return await dialogue.complete(ASK, tools), dialogue
    finally:
        await model.close()


@pytest.mark.parametrize("stream", [True, False])
async def test_words_and_calls_come_back_with_what_they_cost(there: Server, stream: bool) -> None:
    heard: list[str] = []
    call = {"name": "look", "arguments": {"name": "fees"}}
    await there.says({"text": "fees is fine, I believe"}, {"calls": [call]})
    model = there.model(stream=stream, price_in=1.0, price_out=10.0)
    dialogue = model.dialogue("thread", "chat", "chat@1", 20.0, heard.append)
    words = await dialogue.complete(ASK, (LOOK,))
    called = await dialogue.complete(ASK, (LOOK,))
    await model.close()
    assert words.text == "fees is fine, I believe"
    assert called.calls == (ToolCall(id="call_00000000", name="look", arguments={"name": "fees"}),)
    assert dialogue.version == "standin-2026-11-01"
    assert dialogue.usage.counted
    assert dialogue.usage.requests == 2
    used = dialogue.usage
    assert used.money == pytest.approx((used.tokens_in + 10 * used.tokens_out) / 1e6)
    assert heard[-1] == "fees is fine, I believe"
    assert len(heard) > 1 or not stream


async def test_a_model_without_tools_is_asked_for_json_and_read_strictly(there: Server) -> None:
    wanted = 'I look.\n```json\n{"look": [{"tool": "look", "arguments": {"name": "fees"}}]}\n```'
    await there.says(
        {"text": wanted}, {"text": '{"look": [{"tool": 3}]}'}, {"text": "All is well."}
    )
    model = there.model(name="standin-words")
    dialogue = model.dialogue("thread", "chat", "chat@1", 20.0)
    first = await dialogue.complete(ASK, (LOOK,))
    assert [(c.name, c.arguments) for c in first.calls] == [("look", {"name": "fees"})]
    seen = (
        *ASK,
        Message(role="assistant", calls=first.calls, writer="chimera"),
        Message(role="tool", text="fees: 3 ms", answers=first.calls[0].id),
    )
    last = await dialogue.complete(seen, (LOOK,))
    await model.close()
    assert last.text == "All is well."
    asked = await there.requests()
    assert all("tools" not in body for body in asked)
    assert '"look": [{"tool"' in asked[0]["messages"][0]["content"]
    assert [m["role"] for m in asked[1]["messages"]] == ["system", "user", "assistant", "user"]
    assert 'needs "tool"' in asked[-1]["messages"][-1]["content"]


async def test_after_two_repairs_it_is_given_up(there: Server) -> None:
    await there.says({"text": '{"look": 1}'}, forever=True)
    with pytest.raises(Unusable, match="cannot be used"):
        await ask(there.model(tools="json"), LOOK)
    assert len(await there.requests()) == 3


async def test_what_does_not_fit_is_shortened_and_asked_again(there: Server) -> None:
    await there.says({"error": "context"}, {"text": "short enough"})
    model = there.model()
    long = Message(role="user", text="x" * 8000)
    answer = await model.dialogue("t", "chat", "p", 9.0).complete((*ASK, long))
    await model.close()
    assert answer.text == "short enough"
    sizes = [len(body["messages"][-1]["content"]) for body in await there.requests()]
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ({"error": "401"}, Misconfigured, "key"),
        ({"error": "quota"}, Unavailable, "credit"),
        ({"error": "context"}, TooLong, "maximum context length"),
        ({"text": ""}, Unusable, "empty"),
        ({"calls": [{"name": "look", "arguments": "{no"}]}, Unusable, "no JSON"),
        ({"calls": [{"name": "restart"}]}, Unusable, "there is no tool 'restart'"),
        ({"text": "x", "manner": "endless"}, Unusable, "does not end"),
        ({"manner": "silent"}, Unusable, "nothing|cannot be read"),
    ],
)
async def test_each_way_to_fail_is_an_error_of_ours(
    there: Server, line: dict[str, Any], error: type[Exception], said: str
) -> None:
    await there.says(line, forever=True)
    with pytest.raises(error, match=said):
        await ask(there.model(retries=0, answer=100), LOOK)


async def test_a_key_that_is_wrong_and_a_model_that_is_not_there_are_settings(
    there: Server,
) -> None:
    with pytest.raises(Misconfigured, match=r"correct model\.key"):
        await ask(there.model(key="sk-wrong"))
    with pytest.raises(Misconfigured, match=r"model\.name"):
        await ask(there.model(name="gpt-0"))


async def test_what_passes_is_tried_again_and_retry_after_is_kept(there: Server) -> None:
    again = {"error": "429", "retry_after": 0.4}
    await there.says({"error": "500"}, again, {"text": "here", "usage": False})
    began = time.monotonic()
    answer, dialogue = await ask(there.model(retries=2))
    assert answer.text == "here"
    assert time.monotonic() - began >= 0.4
    assert not dialogue.usage.counted
    assert len(await there.requests()) == 3


async def test_a_wait_that_is_longer_than_the_time_left_is_not_begun(there: Server) -> None:
    await there.says({"error": "429", "retry_after": 30.0}, forever=True)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="429"):
        await ask(there.model(), seconds=5.0)
    assert time.monotonic() - began < 3.0


@pytest.mark.parametrize("line", [{"wait": 60.0}, {"text": "so", "manner": "cut"}])
async def test_a_server_that_hangs_or_breaks_off_is_left_in_time(
    there: Server, line: dict[str, Any]
) -> None:
    await there.says(line, forever=True)
    with pytest.raises((Unavailable, Unusable)):
        await ask(there.model(retries=0), seconds=1.0)
    others = {task for task in asyncio.all_tasks() if "complete" in repr(task.get_coro())}
    assert not others - {asyncio.current_task()}


async def test_garbage_is_no_answer(there: Server) -> None:
    await there.running.misbehave("model", "garbage", times=-1)
    with pytest.raises((Unavailable, Unusable)):
        await ask(there.model(retries=0))


async def until_spent(there: Server, store: Store, limits: dict[str, Any]) -> None:
    for _ in range(20):  # each as a new process would
        await ask(there.model(store, **limits))


async def test_a_budget_outlives_a_restart_and_stops_before_anything_is_sent(
    there: Server, store: Store
) -> None:
    await there.says({"text": "yes"}, forever=True)
    limits = {"conversation": {"tokens": 1_300}, "answer": 1_000}
    await ask(there.model(store, **limits))
    one = await store.model_cost(account="thread")
    assert 0 < one.tokens < 300
    with pytest.raises(BudgetSpent, match=r"model\.conversation\.tokens"):
        await until_spent(there, store, limits)
    spent = await store.model_cost(account="thread")
    assert spent.tokens <= 1_300
    assert len(await there.requests()) == spent.requests
    with pytest.raises(BudgetSpent, match="today"):
        await ask(there.model(store, day={"tokens": 10}, conversation={}))
    assert (await store.model_cost()).requests == spent.requests


async def test_two_at_once_do_not_spend_the_same_money(there: Server, store: Store) -> None:
    await there.says({"text": "yes", "wait": 0.3}, forever=True)
    model = there.model(store, price_out=1.0, answer=1_000, conversation={"money": 0.0015})
    both = await asyncio.gather(
        *(model.dialogue("thread", "chat", "p", 9.0).complete(ASK) for _ in range(2)),
        return_exceptions=True,
    )
    await model.close()
    assert sorted(type(one).__name__ for one in both) == ["BudgetSpent", "Completion"]
