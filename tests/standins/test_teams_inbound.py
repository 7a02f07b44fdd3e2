"""Buttons, commands and tokens of Teams: from the stand-in, through HTTP, to the handler."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chimera.bots.inbound import Asked
from chimera.bots.teams import TeamsChannel
from chimera.bots.teams_door import Door
from chimera.domain import NotAllowed, Notice, Unavailable
from chimera.platform.identity.people import People
from chimera.sandbox.standins.teams_login import LOGIN, TeamsLogin
from tests.standins.company import PLAN, Desk, approval
from tests.standins.serving import SECRETS, MemoryNotes, StandIns
from tests.standins.teams_office import ALICE, BOB, TENANT, lines, posted, teams_office, words


async def asked_for_approval(served: StandIns, notes: MemoryNotes) -> str:
    """Send an approval; its message's id."""
    await TeamsChannel(served.teams(), notes).send(approval())
    return str((await posted(served, 2))[-1]["id"])


async def pressed(served: StandIns, user: str, at: str, verb: str, **more: Any) -> list[Any]:
    """What whoever pressed was told, at each delivery."""
    status, reply = await served.post("/teams/press", user=user, id=at, verb=verb, **more)
    assert status == 200, reply
    assert {one["status"] for one in reply["replies"]} == {200}
    return [one["body"]["value"] for one in reply["replies"]]


async def test_a_press_delivered_four_times_is_one_answer_told_four_times(
    tmp_path: Path,
) -> None:
    desk, notes = Desk(), MemoryNotes()
    async with teams_office(tmp_path, desk, notes) as served:
        at = await asked_for_approval(served, notes)
        said = await pressed(served, ALICE, at, "chimera_approve", deliveries=4)
        assert said == ["thank you <alice>"] * 4
        assert desk.asked == [("INC-1/1", PLAN, True, TENANT, ALICE)]


async def test_who_may_not_is_told_why_and_the_buttons_stay(tmp_path: Path) -> None:
    desk, notes = Desk(), MemoryNotes()
    desk.refusal = NotAllowed("the plan was changed after it was shown; ask for it again")
    async with teams_office(tmp_path, desk, notes) as served:
        at = await asked_for_approval(served, notes)
        for _ in range(2):  # another press is another answer
            assert await pressed(served, BOB, at, "chimera_approve") == [str(desk.refusal)]
        assert len(desk.asked) == 2


async def test_buttons_go_with_the_decision_for_everybody(tmp_path: Path) -> None:
    desk, notes = Desk(), MemoryNotes()
    async with teams_office(tmp_path, desk, notes) as served:
        at = await asked_for_approval(served, notes)
        decided = Notice(
            id="INC-1/update/2",
            incident="INC-1",
            kind="update",
            title="Approved by bob",
            text="",
            order_id="INC-1/1",
            at=datetime.now(UTC),
        )
        await TeamsChannel(served.teams(), notes).send(decided)
        press = {"user": ALICE, "id": at, "verb": "chimera_approve"}
        assert (await served.post("/teams/press", **press))[0] == 409
        edits = await lines(served, "updated", 1)
        assert "Approved by bob" in words(edits[0]["message"])


async def test_commands_pause_resume_and_tell(tmp_path: Path) -> None:
    desk, who = Desk(), (TENANT, ALICE)
    async with teams_office(tmp_path, desk, MemoryNotes()) as served:
        said = ["pause practice", "pause", "resume practice", "status", "help"]
        for number, text in enumerate(said, start=1):
            say = {"user": ALICE, "text": text, "where": "personal", "deliveries": 2}
            await served.post("/teams/say", **say)
            told = await posted(served, number)
        assert desk.asked == [
            ("pause", "practice", *who),
            ("pause", None, *who),
            ("resume", "practice", *who),
            ("status", *who),
        ]
        assert len(told) == len(said)
        assert "pause [environment]" in words(told[-1])


async def test_a_stranger_is_told_how_to_get_in_and_nothing_else(tmp_path: Path) -> None:
    desk = Asked(None, People().by_teams)  # type: ignore[arg-type]  # no desk is reached
    async with teams_office(tmp_path, desk, MemoryNotes()) as served:
        await served.post("/teams/say", user=BOB, text="status", where="personal")
        (told,) = await posted(served, 1)
        assert f"--teams {TENANT}/{BOB}" in words(told)


async def test_an_answer_that_takes_long_is_told_by_the_thread(tmp_path: Path) -> None:
    desk, notes = Desk(), MemoryNotes()
    desk.gate.clear()
    async with teams_office(tmp_path, desk, notes) as served:
        at = await asked_for_approval(served, notes)
        assert "at it" in (await pressed(served, ALICE, at, "chimera_approve"))[0]
        desk.gate.set()


NOW = int(time.time())
FORGED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("of another issuer", {"iss": "https://evil.example"}, {}),
    ("for another bot", {"aud": "0" * 36}, {}),
    ("too old", {"exp": NOW - 900, "nbf": NOW - 9000, "iat": NOW - 9000}, {}),
    ("from the future", {"nbf": NOW + 86_400, "iat": NOW + 86_400, "exp": NOW + 90_000}, {}),
    ("without an end", {"exp": None}, {}),
    ("for another service", {"serviceurl": "https://smba.trafficmanager.net/emea/"}, {}),
    ("for no service", {"serviceurl": None}, {}),
    ("of an Entra tenant", {"iss": "https://sts.windows.net/x/", "tid": "x"}, {}),
    ("with a body for another service", {}, {"serviceUrl": "http://127.0.0.1:9/"}),
    ("with a body for no service", {}, {"serviceUrl": None}),
    ("with a body of another channel", {}, {"channelId": "webchat"}),
    ("with a body for another bot", {}, {"recipient": {"id": "28:other"}}),
    ("with a body of another tenant", {}, {"channelData": {"tenant": {"id": "other"}}}),
    ("with a body of no tenant", {}, {"channelData": {}, "conversation": {"id": "a:1"}}),
]


@pytest.mark.parametrize(("name", "claims", "changes"), FORGED, ids=[one[0] for one in FORGED])
async def test_what_teams_did_not_send_never_reaches_the_handler(
    tmp_path: Path, name: str, claims: dict[str, Any], changes: dict[str, Any]
) -> None:
    desk, notes = Desk(), MemoryNotes()
    async with teams_office(tmp_path, desk, notes) as served:
        login: TeamsLogin = served.app[LOGIN]
        url, service = served.teams_events, served.teams().service_url
        await served.post("/teams/say", user=ALICE, text="status", where="personal")
        ((activity, answered),) = [
            (one["activity"], one["replies"]) for one in await lines(served, "delivered", 1)
        ]
        assert answered[0]["status"] == 200
        desk.asked.clear()
        body = {**activity, "id": "another", **changes}
        tokens = [login.signed(service, **claims)]
        if not changes:
            tokens += [TeamsLogin(SECRETS).signed(service), "", "a.b.c"]  # another's key
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"}
            async with served.session.post(url, json=body, headers=headers) as reply:
                assert reply.status == 401, name
        headers = {"Authorization": f"Bearer {login.signed(service)}"}
        async with served.session.post(url, data=b"{", headers=headers) as reply:
            assert reply.status == 400
        assert desk.asked == []
        assert len([key for key in notes.kept if key[0] == "teams-inbound"]) == 1


async def test_without_microsofts_keys_nobody_comes_in_and_teams_is_told_to_try_again(
    tmp_path: Path,
) -> None:
    desk = Desk()
    async with teams_office(tmp_path, desk, MemoryNotes()) as served:
        login: TeamsLogin = served.app[LOGIN]
        token = login.signed(served.teams().service_url)
        gone = served.teams().model_copy(
            update={"openid_url": "http://127.0.0.1:9/openidconfiguration"}
        )
        with pytest.raises(Unavailable):
            await asyncio.wait_for(Door(gone).claims(f"Bearer {token}"), 30)
