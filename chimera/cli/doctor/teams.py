"""Whether Microsoft takes the bot, the bot is in its channel, and it may read there."""

from __future__ import annotations

import asyncio

import httpx

from chimera.bots.teams_api import TeamsApi, path
from chimera.bots.teams_door import Door
from chimera.cli.doctor.check import Check, Result, bad, http, missing, ok
from chimera.domain import Refused
from chimera.platform.settings import Settings, Teams

MAY_NOT_READ = (
    "it may not read messages: replies need a mention, and one whose answer was lost comes twice"
)

NO_PICTURES = "it shows no pictures: Teams could fetch none without api.public_url"


async def look_at_teams(settings: Settings) -> Result:
    section = settings.teams
    if section is None:
        return missing("teams", "no thread is written", "add a [teams] section")
    if section.webhook is not None:
        return await look_at_webhook(httpx.URL(section.webhook.reveal()))
    return await look_at_bot(section, pictures=bool(settings.api.public_url))


async def look_at_webhook(url: httpx.URL) -> Result:
    """Only the door is tried: a request would write a message. The address is not shown."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        _, writer = await asyncio.open_connection(url.host, port)
    except OSError as error:
        why = f"{url.host}:{port}: {error.strerror or error}"
        return bad("teams", why, "correct the secret behind teams.webhook")
    writer.close()
    return ok("teams", f"{url.host}:{port} accepts connections; nothing was sent")


async def look_at_bot(section: Teams, pictures: bool) -> Result:
    """Raises Unavailable, Refused, Misconfigured."""
    api = TeamsApi(section)
    roster = path("v3", "conversations", section.channel, "pagedmembers")
    people = await api.call("connector", "GET", f"{roster}?pageSize=50")
    async with http() as client:
        keys = await client.get(section.openid_url)
    if keys.status_code != 200 or "jwks_uri" not in keys.text:
        return bad("teams", "nobody can be let in: no keys", "correct teams.openid_url")
    Door(section)
    members = len(people.get("members") or ())
    found = f"{section.app_id} in a channel of {members} people"
    found += "" if pictures else f"; {NO_PICTURES}"
    messages = path("teams", section.team, "channels", section.channel, "messages")
    try:
        await api.call("graph", "GET", f"{messages}?$top=1")
    except Refused as error:
        if "HTTP 403" not in str(error):
            raise
        return ok("teams", f"{found}; {MAY_NOT_READ}")
    return ok("teams", found)


teams = Check("teams", look_at_teams, 42, patience=20.0)
