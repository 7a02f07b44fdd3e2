"""Whether Slack takes the tokens, and whether the bot has every right that it needs."""

from __future__ import annotations

from typing import Any

from chimera.bots.slack_scopes import missing as lacks
from chimera.bots.slack_socket import REMEDIES
from chimera.cli.doctor.check import Check, Result, bad, http, missing, ok
from chimera.platform.settings import Settings


async def look_at_slack(settings: Settings) -> Result:
    section = settings.slack
    if section is None:
        return missing("slack", "no thread is written", "add a [slack] section")
    if section.signing_secret:
        section.signing_secret.reveal()
    said, granted = await ask(section.api_url, "auth.test", section.token.reveal())
    if not said.get("ok"):
        why = f"Slack does not accept the token: {said.get('error')}"
        return bad("slack", why, "correct slack.token")
    if granted is not None and (without := lacks(granted)):
        return bad(
            "slack",
            f"the token lacks {', '.join(without)}",
            "add them under OAuth & Permissions, then install the app again",
        )
    comes = "requests to /slack/events"
    if section.app_token:
        opened, _ = await ask(section.api_url, "apps.connections.open", section.app_token.reveal())
        if not opened.get("ok"):
            error = str(opened.get("error"))
            why = f"Slack opens no socket for slack.app_token: {error}"
            return bad("slack", why, REMEDIES.get(error, "turn Socket Mode on in the app"))
        comes = "Socket Mode"
    team, user = said.get("team", "a team"), said.get("user", "a bot")
    return ok("slack", f"{team} as {user}, {section.channel}; what people do comes by {comes}")


async def ask(api_url: str, method: str, token: str) -> tuple[dict[str, Any], str | None]:
    """(the answer, the scopes that the token has)"""
    async with http(token) as client:
        reply = await client.post(f"{api_url.rstrip('/')}/{method}")
    if reply.status_code != 200:
        return {"error": f"status {reply.status_code}"}, None
    return reply.json(), reply.headers.get("x-oauth-scopes")


slack = Check("slack", look_at_slack, 41)
