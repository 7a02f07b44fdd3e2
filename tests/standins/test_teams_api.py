"""Teams' stand-in refuses what Teams refuses; Chimera's end of it keeps its limits, and says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chimera.bots.delivery import Delivery
from chimera.bots.offered import channels
from chimera.bots.teams import TeamsChannel
from chimera.bots.teams_api import TeamsApi, path
from chimera.bots.teams_elements import MOST, card, size, text
from chimera.bots.teams_posts import Posts, activity
from chimera.cli.doctor.teams import look_at_teams
from chimera.domain import Misconfigured, Notice, Refused, Unavailable
from chimera.platform import settings
from chimera.sandbox.standins.secrets import Secrets
from chimera.sandbox.standins.teams_login import KEYS, LOGIN
from tests.standins.serving import SECRETS, MemoryNotes, StandIns, standins

CHANNEL = next(iter(SECRETS.teams_channels))
TOLD = activity("hello", card([text("hello")]))


def opening(**begin: Any) -> dict[str, Any]:
    channel = {"channelData": {"channel": {"id": CHANNEL}}, "tenantId": SECRETS.teams_tenant}
    return {
        "isGroup": True,
        "bot": {"id": f"28:{SECRETS.teams_app_id}"},
        "activity": TOLD,
        **channel,
        **begin,
    }


def notice(number: int = 1, **more: Any) -> Notice:
    said = {
        "id": f"INC-1/{number}",
        "incident": "INC-1",
        "kind": "opened",
        "title": "slow",
        "text": "p99",
    }
    return Notice.model_validate({**said, "at": datetime.now(UTC), **more})


@pytest.mark.parametrize(
    ("method", "where", "body", "said"),
    [
        ("POST", "v3/conversations", opening(tenantId="x"), "BotNotInConversationRoster"),
        ("POST", "v3/conversations", opening(isGroup=False), "isGroup"),
        ("POST", "v3/conversations", opening(activity={"type": "message"}), "needs text"),
        ("POST", "v3/conversations", opening(activity={"type": "x"}), "activity type"),
        ("POST", "v3/conversations", opening(activity=activity("", {})), "AdaptiveCard"),
        (
            "POST",
            "v3/conversations",
            opening(activity=activity("", card([{"type": "Marquee"}]))),
            "unknown element",
        ),
        (
            "POST",
            "v3/conversations",
            opening(activity={"type": "message", "text": "x" * 30_000}),
            "HTTP 413",
        ),
        (
            "POST",
            path("v3", "conversations", f"{CHANNEL};messageid=1", "activities"),
            TOLD,
            "ConversationNotFound",
        ),
        (
            "PUT",
            path("v3", "conversations", CHANNEL, "activities", "1"),
            TOLD,
            "ActivityNotFoundInConversation",
        ),
    ],
)
async def test_it_refuses_what_teams_refuses(
    tmp_path: Path, method: str, where: str, body: dict[str, Any], said: str
) -> None:
    async with standins(tmp_path) as served:
        with pytest.raises(Refused, match=said):
            await TeamsApi(served.teams()).call("connector", method, where, body)
        assert await served.ledger("teams", "posted") == []


async def test_told_to_slow_down_it_waits_as_long_as_it_was_asked_to(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        api = TeamsApi(served.teams())
        await api.token("connector")
        await served.misbehave("teams", "429", times=1)
        await api.call("connector", "POST", "v3/conversations", opening())
        order = {"service": "teams", "mode": "429", "times": 1, "retry_after": 600}
        await served.post("/misbehave", **order)
        for why in ("wait for", "wait for"):  # the second without asking Teams
            with pytest.raises(Unavailable, match=why):
                await api.call("connector", "POST", "v3/conversations", opening())
        assert len(await served.ledger("teams", "posted")) == 1


async def test_a_token_that_ended_is_renewed(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        api = TeamsApi(served.teams())
        for _ in range(2):
            await api.call("connector", "POST", "v3/conversations", opening())
            served.app[LOGIN].revoke()
        assert len(await served.ledger("teams", "posted")) == 2


async def test_a_card_of_any_length_fits_and_says_what_it_left_out(tmp_path: Path) -> None:
    long = notice(
        text="ä" * 900 + "\n" + "word " * 9000 + "\n" + ("€" * 999 + "\n") * 30,
        fields={f"f{n}": "€" * 5000 for n in range(90)},
    )
    async with standins(tmp_path) as served:
        await TeamsChannel(served.teams(), MemoryNotes()).send(long)
        (line,) = await served.ledger("teams", "posted")
        made = line["body"]["message"]["attachments"][0]["content"]
        assert size(made) <= MOST + 200  # its mark came after
        assert "did not fit" in str(made["body"][-1])


async def test_where_it_may_not_read_a_lost_answer_is_twice_rather_than_never(
    tmp_path: Path,
) -> None:
    blind = Secrets(**{**SECRETS.model_dump(), "teams_may_read": False})
    async with standins(tmp_path, secrets=blind) as served:
        posts = Posts(served.teams(), Delivery("teams", MemoryNotes()))
        await served.misbehave("teams", "lost_reply")
        with pytest.raises(Unavailable):
            await posts.post("kind", "mark", "hello", card([text("hello")]), None)
        await posts.post("kind", "mark", "hello", card([text("hello")]), None)
        assert len(await served.ledger("teams", "posted")) == 2
        result = await look_at_teams(settings.Settings(teams=served.teams()))
        assert not isinstance(result, list)
        assert (result.state, "may not read" in result.why) == ("ok", True)


def webhook(served: StandIns, key: str = SECRETS.teams_webhook_key) -> settings.Settings:
    address = served.secret("hook", f"{served.url}/teams/webhook/{key}")
    return settings.Settings(teams=settings.Teams(webhook=address))


async def test_a_webhook_alone_tells_everything_once(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        notes = MemoryNotes()
        story = [
            notice(1, signal="p99", cause="release"),
            notice(2, kind="approval", order_id="INC-1/1", plan_hash="x"),
            notice(3, kind="resolved", title="over"),
        ]
        for one in [*story, *story]:
            assert await channels(webhook(served), notes)["teams"].send(one) is None
        told = [line["body"]["message"] for line in await served.ledger("teams", "webhook")]
        assert len(told) == 3
        assert "INC-1: over" in str(told[2])
        assert "Action.Execute" not in str(told), "nobody could answer"
        result = await look_at_teams(webhook(served))
        assert not isinstance(result, list)
        assert result.state == "ok"


async def test_a_webhook_in_trouble_says_so_and_never_its_address(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        for mode in ("429", "500"):
            await served.misbehave("teams", mode)
            with pytest.raises(Unavailable):
                await channels(webhook(served), MemoryNotes())["teams"].send(notice())
        with pytest.raises(Refused, match=r"check the secret behind teams\.webhook") as refused:
            await channels(webhook(served, "wrong"), MemoryNotes())["teams"].send(notice())
        assert "/teams/webhook" not in str(refused.value)


async def test_doctor_proves_the_bot_and_names_a_wrong_password(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        found = await look_at_teams(settings.Settings(teams=served.teams()))
        assert not isinstance(found, list)
        assert (found.state, "of 3 people; it shows no pictures" in found.why) == ("ok", True)
        with pytest.raises(Refused, match=r"AADSTS7000215.*teams\.app_password"):
            await look_at_teams(settings.Settings(teams=served.teams("wrong")))
        lost = served.teams().model_copy(update={"openid_url": f"{served.url}{KEYS}/none"})
        found = await look_at_teams(settings.Settings(teams=lost))
        assert not isinstance(found, list)
        assert found.remedy == "correct teams.openid_url"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"app_id": "x"}, "a bot needs app_password, tenant, team, channel too"),
        ({}, "or give a webhook"),
        ({"app_id": "x", "webhook": "env:X"}, "would tell twice"),
    ],
)
def test_half_a_bot_is_no_bot(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        settings.Teams.model_validate(given)


async def test_without_the_sdk_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    from chimera.bots.teams_sdk import sdk

    monkeypatch.setitem(sys.modules, "microsoft_teams.apps", None)
    with pytest.raises(Misconfigured, match=r"install chimera-aiops\[teams\]"):
        sdk()
