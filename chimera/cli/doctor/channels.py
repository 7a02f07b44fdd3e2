"""Where people are told: ServiceNow, the page."""

from __future__ import annotations

import asyncio

import httpx

from chimera.cli.doctor.check import Check, Result, bad, http, missing, ok
from chimera.platform.settings import Settings


async def look_at_servicenow(settings: Settings) -> Result:
    section = settings.servicenow
    if section is None:
        return missing("servicenow", "no tickets are written", "add a [servicenow] section")
    async with http() as client:
        reply = await client.get(
            f"{section.url.rstrip('/')}/api/now/table/incident",
            params={"sysparm_limit": "1", "sysparm_fields": "number"},
            auth=httpx.BasicAuth(section.user, section.password.reveal()),
        )
    if reply.status_code in (401, 403):
        remedy = "correct servicenow.user and servicenow.password; the user needs the role itil"
        return bad("servicenow", f"{section.user!r} may not read incidents", remedy)
    if reply.status_code != 200:
        return bad("servicenow", f"{section.url} answered {reply.status_code}", "look there")
    return ok("servicenow", f"{section.url} as {section.user}")


async def look_at_page(settings: Settings) -> Result:
    section = settings.page
    if section is None:
        return missing("page", "nobody is woken when something cannot wait", "add a [page] section")
    if section.token:
        section.token.reveal()
    url = httpx.URL(section.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:  # a request would page somebody, so only the door is tried
        _, writer = await asyncio.open_connection(url.host, port)
    except OSError as error:
        return bad("page", f"{url.host}:{port}: {error.strerror or error}", "correct page.url")
    writer.close()
    return ok("page", f"{url.host}:{port} accepts connections; nothing was sent")


servicenow = Check("servicenow", look_at_servicenow, 40)
page = Check("page", look_at_page, 42)
