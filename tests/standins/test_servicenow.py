"""The real client, pysnow, against the stand-in: what the Table API promises, and what it loses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chimera.domain import Refused, Unavailable
from chimera.platform.ticketing.servicenow import ServiceNow
from tests.standins.serving import SECRETS, StandIns, standins

AUTH = {
    "Authorization": aiohttp.encode_basic_auth(SECRETS.servicenow_user, SECRETS.servicenow_password)
}
TABLE = "/api/now/table/incident"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[StandIns]:
    async with standins(tmp_path) as running:
        yield running


def client(served: StandIns, timeout: float = 5.0) -> ServiceNow:
    section = served.settings().servicenow
    assert section
    return ServiceNow(section, timeout)


async def test_an_incident_is_opened_noted_and_resolved(served: StandIns) -> None:
    servicenow = client(served)
    ticket = await servicenow.open("c-1", "Slow payments", "since 2.4.1", urgency=1, impact=1)
    assert ticket.number == "INC0010001"
    assert await servicenow.find("c-1") == ticket
    assert await servicenow.find("c-2") is None
    await servicenow.note(ticket, "rolling back", "n-1")
    await servicenow.note(ticket, "rolling back", "n-1")
    await servicenow.note(ticket, "proved", "n-2")
    assert (found := await servicenow.find("c-1"))
    assert found.state == "2", "a note says that somebody works on it"
    await servicenow.resolve(ticket, "Solution provided", "rolled back to 2.4.0")
    await servicenow.note(ticket, "post-mortem written", "n-3")
    assert (found := await servicenow.find("c-1"))
    assert (found.state, found.close_code) == ("6", "Solution provided")
    page = await served.page("servicenow")
    assert page.count("rolling back") == 1
    assert "1 - Critical" in page


async def test_thirty_openings_at_once_are_one_incident(served: StandIns) -> None:
    servicenow = client(served)
    tickets = await asyncio.gather(*(servicenow.open("c-1", "s", "d") for _ in range(30)))
    assert len({ticket.sys_id for ticket in tickets}) == 1
    await asyncio.gather(*(servicenow.note(tickets[0], "once", "k") for _ in range(30)))
    assert len(await served.ledger("servicenow", "updated")) == 1


async def test_a_server_that_hangs_is_left_after_the_timeout(served: StandIns) -> None:
    await served.misbehave("servicenow", "hang", times=-1)
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable, match="imeout"):
            await client(served, timeout=0.2).open("c-1", "s", "d")
    await served.misbehave("servicenow", "none")
    await client(served).open("c-1", "s", "d")
    assert len(await served.ledger("servicenow", "created")) == 1


async def test_one_429_is_waited_out_and_a_lost_reply_is_looked_up(served: StandIns) -> None:
    servicenow = client(served)
    await served.misbehave("servicenow", "429")
    ticket = await servicenow.open("c-1", "s", "d")
    for change in (
        servicenow.open("c-2", "s", "d"),
        servicenow.note(ticket, "text", "k"),
        servicenow.resolve(ticket, "Solution provided", "why"),
    ):
        await served.misbehave("servicenow", "lost_reply")
        await change
    events = [line["event"] for line in await served.ledger("servicenow")]
    assert events == ["created", "created", "updated", "updated"]


async def test_resolving_without_a_cause_is_refused_in_servicenows_words(served: StandIns) -> None:
    servicenow = client(served)
    ticket = await servicenow.open("c-1", "s", "d")
    with pytest.raises(Refused, match="mandatory: Resolution notes"):
        await servicenow.resolve(ticket, "Solution provided", "")


async def test_a_correlation_id_cannot_widen_the_query(served: StandIns) -> None:
    with pytest.raises(Refused):
        await client(served).find("x^ORstate=1")


async def test_records_outlive_the_process(tmp_path: Path) -> None:
    async with standins(tmp_path) as before:
        first = await client(before).open("c-1", "s", "d")
    async with standins(tmp_path) as after:
        servicenow = client(after)
        assert (again := await servicenow.open("c-1", "s", "d"))
        assert again.sys_id == first.sys_id
        assert (await servicenow.open("c-2", "s", "d")).number == "INC0010002"
        assert [line["event"] for line in await after.ledger("servicenow")] == ["created"] * 2


async def test_the_table_api_answers_as_the_original(served: StandIns) -> None:
    """Paging, queries, projections and refusals, asked over plain HTTP."""
    url, http = served.url + TABLE, served.session
    for number in range(5):
        body = {"short_description": f"disk {number}", "urgency": "1" if number > 2 else "3"}
        async with http.post(url, json=body, headers=AUTH) as reply:
            assert reply.status == 201
            assert reply.headers["Location"].startswith(url)
            assert "X-RateLimit-Limit" in reply.headers
            record = (await reply.json())["result"]
    query = {
        "sysparm_query": "short_descriptionLIKEDISK^urgency=1^ORurgency=2^ORDERBYDESCnumber",
        "sysparm_limit": "1",
        "sysparm_fields": "number,state",
        "sysparm_display_value": "true",
    }
    async with http.get(url, params=query, headers=AUTH) as reply:
        assert reply.headers["X-Total-Count"] == "2"
        assert (await reply.json())["result"] == [{"number": "INC0010005", "state": "New"}]
    note = {"work_notes": "looked", "unknown_column": "dropped"}
    async with http.patch(f"{url}/{record['sys_id']}", json=note, headers=AUTH) as reply:
        assert (await reply.json())["result"]["work_notes"] == ""
    journal = {"sysparm_query": f"element_id={record['sys_id']}^element=work_notes"}
    where = f"{served.url}/api/now/table/sys_journal_field"
    async with http.get(where, params=journal, headers=AUTH) as reply:
        assert [entry["value"] for entry in (await reply.json())["result"]] == ["looked"]
    refusals: list[tuple[str, str, dict[str, Any], dict[str, str], int, str]] = [
        ("GET", url, {}, {}, 401, "User Not Authenticated"),
        ("GET", f"{url}/none", {}, AUTH, 404, "No Record found"),
        ("GET", f"{served.url}/api/now/table/nothing", {}, AUTH, 400, "Invalid table nothing"),
        ("POST", url, {"data": "{"}, AUTH, 400, "Exception while reading request"),
        ("POST", url, {"json": {"state": "6"}}, AUTH, 403, "Operation Failed"),
    ]
    for method, address, sent, headers, status, message in refusals:
        async with http.request(method, address, headers=headers, **sent) as reply:
            body = await reply.json()
            assert (reply.status, body["status"]) == (status, "failure")
            assert body["error"]["message"] == message
    async with http.delete(f"{url}/{record['sys_id']}", headers=AUTH) as reply:
        assert reply.status == 204
