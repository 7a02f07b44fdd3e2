"""Pictures in Teams: an address in the card, which Teams fetches from Chimera, as long as it is good."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from chimera.agents.chat.shape import Chart, Reply
from chimera.bots.charts import picture
from chimera.bots.offered import channels
from chimera.bots.teams_pictures import LASTS, PictureLinks, Pictures
from chimera.bots.teams_talk import TeamsTalk
from chimera.domain import NotFound, Notice, Picture, ShowsPictures, Unavailable
from chimera.flows.conversation import Conversation
from chimera.platform import settings
from chimera.platform.identity.people import People, Person
from chimera.platform.orchestration.talk import Heard
from chimera.platform.settings import Secret
from tests.standins.company import Port
from tests.standins.serving import MemoryNotes, StandIns, standins
from tests.standins.teams_office import ALICE, TENANT, lines, posted, words

KEY = "k" * 32
UNTIL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHART = Chart(
    title="p99 of payments",
    unit="s",
    values=(0.1, 0.2, None, 0.9, 0.3),
    since=UNTIL - timedelta(hours=1),
    until=UNTIL,
)
IN_WORDS = "p99 of payments, 11:00 to 12:00 UTC: least 0.1 s, most 0.9 s, last 0.3 s"
PEOPLE = People((Person(id="alice", roles=("operator",), teams=(f"{TENANT}/{ALICE}",)),))


class Wall:
    """Draws one anomaly's picture."""

    async def draw(self, incident: str, anomaly_id: str, form: str, scale: float) -> bytes:
        if (incident, anomaly_id) != ("INC-1", "a/1"):
            raise NotFound("there is no such anomaly")
        return picture(CHART, "x", scale).content


@asynccontextmanager
async def shown(folder: Path, notes: MemoryNotes) -> AsyncIterator[tuple[StandIns, PictureLinks]]:
    """The stand-in, and Chimera's end where it fetches pictures."""
    port = Port()
    links = PictureLinks(port.url, KEY)
    route = Route("/teams/pictures/{token}", Pictures(links, Wall(), notes).handle)
    async with port.serving(route), standins(folder) as served:
        yield served, links


async def test_a_chart_is_a_picture_in_the_card_that_teams_fetches(tmp_path: Path) -> None:
    notes = MemoryNotes()
    reply = Reply(text="p99 of payments: highest 0.9 s.", charts=(CHART,))
    heard = Heard(
        id="teams-a:1", kind="message", text="?", team=TENANT, user=ALICE, place=f"a:{ALICE}"
    )
    # It was thought of, and Chimera died before it was said.
    await notes.put("channel:teams", f"reply:{heard.id}", f"done {reply.model_dump_json()}")
    async with shown(tmp_path, notes) as (served, links):
        for _ in range(2):  # another process, the same notes
            talk = TeamsTalk(
                served.teams(), notes, PEOPLE.by_teams, Conversation({}), pictures=links
            )
            await talk.answer(heard)
        (said,) = await posted(served, 1)
        assert "highest 0.9 s" in words(said)
        assert "▁" not in words(said), "a picture stands in the line's place"
        (fetched,) = await lines(served, "picture", 1)
        assert (fetched["broken"], fetched["type"]) == ("", "image/png")
        assert fetched["altText"] == IN_WORDS


async def test_an_incidents_picture_follows_in_its_thread_once(tmp_path: Path) -> None:
    notes = MemoryNotes()
    async with shown(tmp_path, notes) as (served, links):
        base = links.link("x").partition("/teams")[0]
        given = settings.Settings(
            teams=served.teams(),
            api=settings.Api(public_url=base),
            identity=settings.Identity(signing_key=served.secret("key", KEY)),
        )
        await tell(given, notes, served)
        head, card = await posted(served, 2)
        assert card["root"] == head["id"]
        (fetched,) = await lines(served, "picture", 1)
        assert (fetched["broken"], fetched["altText"]) == ("", "p99 of payments, 9 sigma")


async def test_where_teams_could_fetch_nothing_that_is_said_once(tmp_path: Path) -> None:
    notes = MemoryNotes()
    async with standins(tmp_path) as served:
        await tell(settings.Settings(teams=served.teams()), notes, served)
        said = await posted(served, 2)
        assert len(said) == 2
        assert "api.public_url is not set" in words(said[1])
        assert await served.ledger("teams", "picture") == []


async def tell(given: settings.Settings, notes: MemoryNotes, served: StandIns) -> None:
    """An incident with two notices of the same picture, each sent twice."""
    opened = Notice(
        id="INC-1/1", incident="INC-1", kind="opened", title="slow", text="p99", at=UNTIL
    )
    pictured = opened.model_copy(update={"id": "INC-1/2", "kind": "picture", "picture": "a/1"})
    drawn = Picture(name="p.png", title="p99 of payments, 9 sigma", content=b"\x89PNG")
    for at in range(2):
        channel = channels(given, notes)["teams"]
        assert isinstance(channel, ShowsPictures)
        if at == 0:
            with pytest.raises(Unavailable, match="no thread yet"):
                await channel.show(pictured, drawn)
        await channel.send(opened)
        await channel.show(pictured, drawn)


async def test_an_address_is_good_for_what_it_names_and_for_a_while(tmp_path: Path) -> None:
    async with shown(tmp_path, MemoryNotes()) as (served, links):
        good = links.link("incident", "INC-1", "a/1")
        expected: list[tuple[str, int, Any]] = [
            (good, 200, "image/png"),
            (links.link("incident", "INC-1", "a/2"), 404, None),
            (links.link("answer", "teams-a:1", "0"), 404, None),
            (links.link("incident", "INC-1", "a/1", now=UNTIL.timestamp() - LASTS), 404, None),
            (PictureLinks(good.partition("/teams")[0], "o" * 32).link("x"), 404, None),
            (good.replace("/teams/pictures/", "/teams/pictures/A"), 404, None),
            (good.partition("/pictures/")[0] + "/pictures/x.png", 404, None),
        ]
        for url, status, kind in expected:
            async with served.session.get(url) as reply:
                assert reply.status == status, url
                assert kind in (None, reply.content_type)


def test_pictures_are_served_to_the_internet_over_https_alone() -> None:
    with pytest.raises(ValueError, match="no https address"):
        settings.Api(public_url="http://chimera.example.org")
    key = Secret("env:NONE")
    without = settings.Settings(identity=settings.Identity(signing_key=key))
    assert PictureLinks.of(without) is None
