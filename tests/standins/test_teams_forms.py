"""Dialogs, the card of how things stand and help in Teams, pressed and filled in by people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chimera.bots import teams_presses
from chimera.bots.ordering import Ordering
from chimera.bots.teams import TeamsChannel
from chimera.bots.teams_home import Home
from chimera.domain import NotAllowed, Unavailable
from chimera.platform.governance.outbound import Outbound
from chimera.platform.identity.people import People, Person
from chimera.sandbox.standins.teams_login import LOGIN
from tests.standins.company import ESTATE, PLAN, Affairs, Desk, approval
from tests.standins.serving import MemoryNotes, StandIns
from tests.standins.teams_office import (
    ALICE,
    BOB,
    GUEST,
    TENANT,
    posted,
    teams_office,
    verbs,
    words,
)

PEOPLE = People(
    (
        Person(id="alice", roles=("operator", "approver"), teams=(f"{TENANT}/{ALICE}",)),
        Person(id="bob", roles=("viewer",), teams=(f"{TENANT}/{BOB}",)),
    )
)


@asynccontextmanager
async def people(
    folder: Path, affairs: Affairs, desk: Desk
) -> AsyncIterator[tuple[StandIns, MemoryNotes]]:
    notes = MemoryNotes()
    more: dict[str, Any] = {
        "home": Home(affairs, affairs, PEOPLE.by_teams, Outbound()),
        "ordering": Ordering(affairs, PEOPLE.by_teams, ESTATE),
    }
    async with teams_office(folder, desk, notes, **more) as served:
        yield served, notes


async def press(served: StandIns, user: str, at: str, verb: str, **more: Any) -> list[Any]:
    """What came back, at each delivery: never something that Teams would not show."""
    status, reply = await served.post("/teams/press", user=user, id=at, verb=verb, **more)
    assert status == 200, reply
    assert all(one["status"] == 200 and "complaint" not in one for one in reply["replies"]), reply
    return [one["body"] for one in reply["replies"]]


async def dialog(served: StandIns, user: str) -> dict[str, Any]:
    async with served.session.get(f"{served.url}/teams/dialog/{user}") as reply:
        found: dict[str, Any] = await reply.json()
        return found


async def submit(served: StandIns, user: str, deliveries: int = 1, **values: Any) -> dict[str, Any]:
    status, became = await served.post(
        "/teams/submit", user=user, values=values, deliveries=deliveries
    )
    assert status == 200, became
    assert all("complaint" not in one for one in became.get("replies", ())), became
    return dict(became)


async def say(served: StandIns, user: str, text: str, count: int = 1) -> dict[str, Any]:
    """The message that answers."""
    await served.post("/teams/say", user=user, text=text, where="personal", deliveries=2)
    return (await posted(served, count))[count - 1]


async def asked_for_approval(served: StandIns, notes: MemoryNotes) -> str:
    await TeamsChannel(served.teams(), notes).send(approval())
    return str((await posted(served, 2))[-1]["id"])


async def test_deny_asks_why_and_four_deliveries_are_one_answer(tmp_path: Path) -> None:
    desk = Desk()
    async with people(tmp_path, Affairs(), desk) as (served, notes):
        at = await asked_for_approval(served, notes)
        await press(served, ALICE, at, "chimera_deny")
        assert "Deny order INC-1/1" in str((await dialog(served, ALICE))["card"])
        became = await submit(served, ALICE)
        assert became["errors"] == {"chimera_reason": "Say why, in a few words."}
        assert (await submit(served, ALICE, chimera_reason=" "))["became"] == "dialog"
        assert desk.asked == [], "the client does not check for blanks; Chimera does"
        desk.refusal = NotAllowed("whoever asked for the change may not answer it")
        assert (await submit(served, ALICE, chimera_reason="no"))["became"] == "dialog"
        assert str(desk.refusal) in str(await dialog(served, ALICE)), "it may be sent again"
        desk.refusal = None
        became = await submit(served, ALICE, 4, chimera_reason="the deploy is still running")
        said = [one["body"]["task"]["value"] for one in became["replies"]]
        assert said == ["thank you <alice>"] * 4
        assert desk.asked == [("INC-1/1", PLAN, False, TENANT, ALICE)] * 2
        assert desk.notes == ["no", "the deploy is still running"]


async def test_an_answer_that_takes_long_is_told_by_message(
    tmp_path: Path,
) -> None:
    desk = Desk()
    async with people(tmp_path, Affairs(), desk) as (served, notes):
        at = await asked_for_approval(served, notes)
        await press(served, ALICE, at, "chimera_deny")
        desk.gate.clear()
        became = await submit(served, ALICE, chimera_reason="not now")
        assert became["said"] == teams_presses.LATER
        desk.gate.set()
        assert "thank you" in words((await posted(served, 3))[-1])


async def test_a_runbook_is_run_by_form_its_plan_shown_first(tmp_path: Path) -> None:
    affairs = Affairs()
    async with people(tmp_path, affairs, Desk()) as (served, _):
        help_ = await say(served, ALICE, "help")
        assert "is anything wrong?" in words(help_)
        assert verbs(help_) == ["chimera_refresh", "chimera_run"]
        await press(served, ALICE, help_["id"], "chimera_run")
        await submit(served, ALICE, chimera_runbook="scale_service")
        form = str((await dialog(served, ALICE))["card"])
        assert "how many there shall be" in form
        assert "'value': 'fees'" in form, "where it may run is chosen"
        filled = {"given_service": "fees", "chimera_reason": "black friday"}
        for wrong in ("many", "101"):
            became = await submit(served, ALICE, 1, **filled, given_replicas=wrong)
            assert became["became"] == "not sent", "Teams' own client checks"
        await submit(served, ALICE, 1, **filled, given_replicas="3")
        assert "Felt by: orders" in str((await dialog(served, ALICE))["card"])
        assert affairs.placed == [], "the plan is shown first"
        became = await submit(served, ALICE, 4)
        assert len({one["body"]["task"]["value"] for one in became["replies"]}) == 1
        assert "Order MAN-0/1 is placed" in became["said"]
        (order,) = affairs.placed
        assert order.parameters == {"service": "fees", "replicas": "3"}
        assert (order.target, order.requested_by, order.reason) == ("fees", "alice", "black friday")
        page = await served.page("teams")
        assert "What can be said" in page or "is anything wrong?" in page


async def test_what_cannot_be_placed_is_said_and_what_was_typed_stays(tmp_path: Path) -> None:
    affairs = Affairs()
    async with people(tmp_path, affairs, Desk()) as (served, _):
        form = await say(served, ALICE, "run restart_service")
        await press(served, ALICE, form["id"], "chimera_run")
        became = await submit(served, ALICE, given_service="fees", chimera_reason="  ")
        assert became["became"] == "dialog"
        again = str((await dialog(served, ALICE))["card"])
        assert "reason: Say why" in again
        await submit(served, ALICE, given_service="fees", chimera_reason="leaks")
        affairs.gone = Unavailable("Temporal", "take an order", "gone")
        assert "Look at `chimera orders`" in (await submit(served, ALICE))["said"]
        for user, count in ((BOB, 2), (GUEST, 3)):
            assert "role operator" in words(await say(served, user, "run restart_service", count))


async def test_how_things_stand_is_shown_with_buttons_and_drawn_anew_in_place(
    tmp_path: Path,
) -> None:
    affairs, desk = Affairs(waiting=2, incidents=14), Desk()
    async with people(tmp_path, affairs, desk) as (served, _):
        home = await say(served, ALICE, "home")
        shown = words(home)
        assert "Open incidents: 14" in shown
        assert "and 2 more" in shown
        assert "Felt by: orders" in shown
        assert "https://evil.example" not in shown, "links of others are not live"
        order = {"order": "MAN-1/1"}
        await press(served, ALICE, home["id"], "chimera_approve", data=order)
        assert [one[:1] for one in desk.asked] == [("MAN-1/1",)]
        affairs.paused = [{"environment": "*", "by": "alice", "reason": "alice in Teams"}]
        (drawn, same) = await press(served, ALICE, home["id"], "chimera_pause", deliveries=2)
        assert "paused in *" in str(drawn["value"])
        assert desk.asked[1:] == [("pause", None, TENANT, ALICE)], "delivered twice, done once"
        assert same["type"] == drawn["type"]
        await press(served, ALICE, home["id"], "chimera_resume")
        status, _ = await served.post(
            "/teams/press", user=BOB, id=home["id"], verb="chimera_resume"
        )
        assert status == 409, "the card that came back is alice's own"
        bobs = await say(served, BOB, "home", 2)
        assert verbs(bobs) == ["chimera_refresh"]
        assert "chimera_approve" not in words(bobs)
        guests = words(await say(served, GUEST, "home", 3))
        assert f"--teams {TENANT}/{GUEST}" in guests
        assert "INC-" not in guests


async def test_a_form_that_is_not_chimeras_does_nothing(tmp_path: Path) -> None:
    desk, affairs = Desk(), Affairs()
    async with people(tmp_path, affairs, desk) as (served, notes):
        at = await asked_for_approval(served, notes)
        await press(served, ALICE, at, "chimera_deny")
        await submit(served, ALICE, chimera_reason="no")
        (line,) = [
            one["body"]["activity"]
            for one in await served.ledger("teams", "delivered")
            if one["body"]["activity"].get("name") == "task/submit"
        ]
        login = served.app[LOGIN]
        headers = {"Authorization": f"Bearer {login.signed(served.teams().service_url)}"}
        good = line["value"]["data"]
        for number, data in enumerate(
            ({}, {**good, "verb": "x"}, {**good, "form": None}, {**good, "order": 7}, None)
        ):
            body = {**line, "id": f"f:{number}", "value": {"data": data}}
            async with served.session.post(
                served.teams_events, json=body, headers=headers
            ) as reply:
                assert reply.status == 200
                assert "not one of Chimera's" in (await reply.json())["task"]["value"]
        assert len(desk.asked) == 1
        assert affairs.placed == []
