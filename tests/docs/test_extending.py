"""Every example of docs/extending.md is one file that is found and works."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from temporalio.client import Client

import chimera.detection
import chimera.runbooks
import chimera.tools
from chimera.agents.supervisor import Supervisor
from chimera.bots.offered import channels
from chimera.detection import Block, Detector, SeriesKey, Watcher
from chimera.diagnosis.engine import Engine
from chimera.domain import (
    CHIMERA,
    Channel,
    Effect,
    Estate,
    Node,
    Notice,
    Principal,
    Signal,
    Unavailable,
)
from chimera.domain.discovery import discover
from chimera.flows.conversation import Conversation
from chimera.platform.observability.logs import LogFiles
from chimera.platform.settings import Settings
from chimera.platform.store import Store
from chimera.runbooks.base import Runbook
from chimera.tools.base import Tool
from tests.contracts import test_detectors as contract
from tests.contracts import test_rankers as ranking
from tests.diagnosis.harbour import harbour
from tests.docs.extensions import added, examples
from tests.flows import company as flows

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOOL = "chimera/tools/first_error.py"
RUNBOOK = "chimera/runbooks/pause_step.py"
DETECTOR = "chimera/detection/modified_z.py"
CHANNEL = "chimera/bots/diary.py"
AGENT = "chimera/agents/complaints.py"
RANKER = "chimera/diagnosis/rankers/complaints.py"


def test_the_document_shows_one_of_each() -> None:
    assert set(examples()) == {TOOL, RUNBOOK, DETECTOR, CHANNEL, AGENT, RANKER}


async def test_the_tool_is_offered_with_its_service_only_and_answers(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "payments-1.log"
    log.parent.mkdir()
    lines = [
        {"time": at.isoformat(), "level": level, "service": "payments", "message": said}
        for at, level, said in (
            (NOW - timedelta(minutes=3), "info", "no error so far"),
            (NOW - timedelta(minutes=2), "error", "bank refused the key"),
            (NOW - timedelta(minutes=1), "error", "bank refused it again"),
        )
    ]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with added(TOOL, tmp_path):
        tool: Tool = discover(chimera.tools, Tool)["first_error"]
        assert tool.missing({Principal: CHIMERA}) == ("LogFiles",)
        assert tool.bind({Principal: CHIMERA}) is None
        bound = tool.bind({Principal: CHIMERA, LogFiles: LogFiles(log.parent)})
        assert bound is not None
        window = {"since": NOW - timedelta(minutes=10), "until": NOW}
        look = await bound({"service": "payments", **window})
        assert look.trouble is None
        assert look.evidence[0].claim == "the first of 2 errors of payments came at 11:58:00"
        assert look.evidence[0].excerpt == "bank refused the key"
        assert look.evidence[0].untrusted
        wrong = await bound({"service": "payments", "command": "rm", **window})
        assert wrong.trouble
        assert wrong.trouble.kind == "arguments"
    assert "first_error" not in discover(chimera.tools, Tool)


@pytest.mark.parametrize(
    ("helps", "status", "paused"),
    [(True, "applied", ["true"]), (False, "rolled_back", ["true", "false"])],
)
async def test_the_runbook_runs_through_the_only_door(
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    helps: bool,
    status: str,
    paused: list[str],
) -> None:
    pipeline = Node(name="transform", kind="step", runbooks=("pause_step",))
    monkeypatch.setattr(flows, "SHOP", Estate(environment="shop", nodes=(pipeline,)))
    with added(RUNBOOK, tmp_path):
        async with flows.company(client, tmp_path) as shop:
            shop.health = lambda _: "healthy" if helps and shop.hands.calls else "sick"
            what: dict[str, Any] = {"runbook": "pause_step", "parameters": {"step": "transform"}}
            order = flows.order(target="transform", **what)
            outcome = await (await shop.run(order)).result()
            done: list[Effect] = list(shop.hands.done.values())
            assert outcome.status == status
            assert [effect.arguments["paused"] for effect in done] == paused
            assert {effect.verb for effect in done} == {"pause_schedule"}
            elsewhere = flows.order(
                target="dashboard", runbook="pause_step", parameters={"step": "dashboard"}
            )
            refused = await (await shop.run(elsewhere)).result()
            assert "does not allow this runbook" in refused.reason
    found = discover(chimera.runbooks, Runbook, key=lambda kind: kind.card.name)
    assert "pause_step" not in found


async def test_the_agent_answers_through_its_own_tools_and_says_what_is_missing(
    tmp_path: Path,
) -> None:
    (tmp_path / "payments-0.log").write_text(
        f'{{"time": "{(NOW - timedelta(minutes=2)).isoformat()}", "level": "error", '
        '"message": "error: bank refused the key"}\n'
    )
    estate = Estate(nodes=(Node(name="payments"), Node(name="orders")))
    ana = Principal(id="ana", roles=("viewer",))
    with added(AGENT, tmp_path):
        talk = Conversation({Estate: estate, LogFiles: LogFiles(tmp_path)})
        reply = await talk.say("t", "what does payments complain about?", ana, NOW)
        assert "1 lines of payments hold 'error'" in reply.text
        assert any("bank refused the key" in quote for quote in reply.quotes)
        calm = await talk.say("t", "what does orders complain of?", ana, NOW)
        assert calm.text.startswith("0 lines of orders") or "nothing" in calm.text
        blind = await Conversation({Estate: estate}).say(
            "t", "what does payments complain about?", ana, NOW
        )
        assert "not offered here" in blind.text
    assert "complaints" not in Supervisor().agents


def test_the_engine_hears_the_ranker_which_keeps_the_contract(tmp_path: Path) -> None:
    with added(RANKER, tmp_path) as module:
        assert "complaints" in Engine().rank(harbour(sick="crane")).heard
        for check, more in (case.values for case in checks(ranking)):
            check(kind=module.Complaints, **more)
    assert "complaints" not in Engine().rank(harbour(sick="crane")).heard


def checks(contract: ModuleType) -> list[Any]:
    """Every function of a contract, once for each of its further parameters."""
    cases = []
    for name, check in vars(contract).items():
        if not name.startswith("test_") or "kind" not in inspect.signature(check).parameters:
            continue
        marks = [m for m in check.pytestmark if m.name == "parametrize" and m.args[0] != "kind"]
        rows = [{m.args[0]: value} for m in marks for value in m.args[1]] or [{}]
        cases += [pytest.param(check, row, id=f"{name}-{row}") for row in rows]
    return cases


@pytest.mark.parametrize(("check", "more"), checks(contract))
def test_the_detector_keeps_the_contract(
    tmp_path: Path, check: Callable[..., None], more: dict[str, Any]
) -> None:
    with added(DETECTOR, tmp_path):
        found = {kind.__name__: kind for kind in contract.detectors()}
        check(kind=found["ModifiedZ"], **more)
        assert discover(chimera.detection, Detector)["modified_z"]


def test_the_watcher_listens_to_the_detector(tmp_path: Path) -> None:
    with added(DETECTOR, tmp_path) as module:
        values = contract.noise(series=1, time=200)
        values[:, 197:] += 50.0
        block = Block((SeriesKey("errors", "payments"),), NOW, timedelta(seconds=5), values)
        signal = Signal(name="errors", metric="errors_total")
        for detectors in ((module.ModifiedZ(),), (*Watcher.detectors, module.ModifiedZ())):
            seen = Watcher((signal,), detectors=detectors).advance(block)
            assert [anomaly.service for anomaly in seen.anomalies] == ["payments"]


def notice(**changes: Any) -> Notice:
    said: dict[str, Any] = {
        "id": "INC-7-1-opened",
        "incident": "INC-7",
        "kind": "opened",
        "title": "payments: errors",
        "text": "Symptoms in payments",
        "at": NOW,
    }
    return Notice.model_validate(said | changes)


async def test_the_channel_is_found_where_it_can_be_used_and_tells_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}")
    try:
        with added(CHANNEL, tmp_path):
            settings = Settings(home=home)
            assert "diary" not in channels(settings, store)
            home.mkdir()
            diary = channels(settings, store)["diary"]
            assert isinstance(diary, Channel)
            for _ in range(2):
                assert await diary.send(notice()) == str(home / "diary.md")
            again = channels(settings, store)["diary"]  # after a restart
            await again.send(notice())
            await again.send(notice(id="INC-7-2-resolved", kind="resolved", title="over"))
            text = (home / "diary.md").read_text()
            assert text.count("**INC-7: payments: errors** Symptoms in payments") == 1
            assert text.count("INC-7") == 2
            (home / "diary.md").unlink()
            (home / "diary.md").mkdir()
            with pytest.raises(Unavailable, match="diary"):
                await again.send(notice(id="INC-7-3-update", kind="update"))
        assert "diary" not in channels(Settings(home=home), store)
    finally:
        await store.close()
