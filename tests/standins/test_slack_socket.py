"""Socket Mode: real Bolt and slack_sdk over a real WebSocket, which is cut, refreshed and refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from chimera.bots.slack_app import slack_app
from chimera.bots.slack_socket import slack_socket
from chimera.domain import Unavailable
from chimera.platform.orchestration.talk import Heard
from tests.standins.company import Desk
from tests.standins.serving import SECRETS, MemoryNotes, StandIns, standins
from tests.standins.test_slack_inbound import ALICE, answers, asked_for_approval

AT = "<@U0CHIMERA1>"


class Ear:
    """Writes down what was said; `away` times it cannot."""

    def __init__(self, away: int = 0) -> None:
        self.heard: list[Heard] = []
        self.away = away

    async def hear(self, heard: Heard) -> None:
        if self.away > 0:
            self.away -= 1
            raise Unavailable("Temporal", "write a message down")
        if heard.id not in [one.id for one in self.heard]:
            self.heard.append(heard)


@asynccontextmanager
async def connected(
    served: StandIns, desk: Desk, notes: MemoryNotes, ear: Ear | None = None, **more: Any
) -> AsyncIterator[None]:
    section = served.settings().slack
    assert section
    app = slack_app(section, desk, notes, ear.hear if ear else None, **more)  # type: ignore[arg-type]
    async with slack_socket(section, app, ping=0.2):
        yield


async def state(served: StandIns) -> dict[str, int]:
    async with served.session.get(f"{served.url}/slack/socket") as reply:
        found: dict[str, int] = await reply.json()
        return found


async def until(served: StandIns, so: Callable[[dict[str, int]], bool]) -> None:
    async with asyncio.timeout(60):
        while not so(await state(served)):  # noqa: ASYNC110 it is another program's state
            await asyncio.sleep(0.02)


async def test_presses_and_commands_come_in_without_an_address(tmp_path: Path) -> None:
    desk, notes = Desk(), MemoryNotes()
    async with standins(tmp_path) as served, connected(served, desk, notes):
        await until(served, lambda s: s["connections"] == 1)
        ts = await asked_for_approval(served, notes)
        status, reply = await served.post(
            "/slack/press", user=ALICE, ts=ts, action_id="chimera_approve", deliveries=3
        )
        assert (status, [r["status"] for r in reply["replies"]]) == (200, [200, 200, 200])
        await served.post("/slack/command", user=ALICE, text="status")
        assert await answers(served, 2) == ["thank you &lt;alice&gt;", "all is well"]
        assert len(desk.asked) == 2
        assert (await state(served))["unacknowledged"] == 0


async def test_what_was_said_while_the_socket_was_cut_is_heard_once_it_is_back(
    tmp_path: Path,
) -> None:
    ear = Ear()
    async with standins(tmp_path) as served, connected(served, Desk(), MemoryNotes(), ear):
        await until(served, lambda s: s["connections"] == 1)
        for number, do in enumerate(("drop", "refresh", "drop"), start=2):
            await served.post("/slack/socket", do=do)
            status, reply = await served.post("/slack/say", user=ALICE, text=f"{AT} {do} {number}?")
            assert (status, reply["status"]) == (200, 200), "acknowledged over the next connection"
            await until(served, lambda s, n=number: s["opened"] >= n)  # type: ignore[misc]
        assert [heard.text for heard in ear.heard] == ["drop 2?", "refresh 3?", "drop 4?"]
        assert {heard.user for heard in ear.heard} == {ALICE}


async def test_what_could_not_be_written_down_is_not_acknowledged_and_comes_again(
    tmp_path: Path,
) -> None:
    ear = Ear(away=1)
    served_fast = standins(tmp_path, patience=0.5)
    async with served_fast as served, connected(served, Desk(), MemoryNotes(), ear):
        await until(served, lambda s: s["connections"] == 1)
        _, reply = await served.post("/slack/say", user=ALICE, text="who owns fees?", channel=DM)
        assert reply["status"] == 0, "Slack waited for an acknowledgement"
        await until(served, lambda s: s["unacknowledged"] == 0)
        assert [heard.text for heard in ear.heard] == ["who owns fees?"]


async def test_a_token_that_is_refused_is_said_and_tried_again(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        section = served.settings().slack
        assert section
        wrong = section.model_copy(update={"app_token": served.secret("app", SECRETS.slack_token)})
        with capture_logs() as logs:
            async with slack_socket(wrong, slack_app(wrong, Desk(), MemoryNotes()), ping=0.1):  # type: ignore[arg-type]
                async with asyncio.timeout(60):
                    while len([one for one in logs if "refused" in one["event"]]) < 2:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
        first = next(one for one in logs if one["event"] == "slack_socket_refused")
        assert first["why"] == "not_allowed_token_type"
        assert "xapp-" in first["remedy"]


DM = "D0ALICE001"
