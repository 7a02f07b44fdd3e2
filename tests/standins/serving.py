"""The stand-ins, served on a random port within the test, and Chimera's own end of Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from chimera.bots.drafts import LOOKING
from chimera.platform import settings
from chimera.platform.settings import Secret
from chimera.sandbox.standins.app import build
from chimera.sandbox.standins.secrets import Secrets

SECRETS = Secrets(
    servicenow_user="chimera",
    servicenow_password="sn-password",
    slack_token="xoxb-practice",
    slack_signing_secret="signing-secret",
    slack_app_token="xapp-practice",
    page_token="page-token",
)


class MemoryNotes:
    """Notes for one test."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    async def get(self, scope: str, key: str) -> str | None:
        return self.kept.get((scope, key))

    async def put(self, scope: str, key: str, value: str) -> None:
        self.kept[scope, key] = value

    async def put_once(self, scope: str, key: str, value: str) -> bool:
        new = (scope, key) not in self.kept
        self.kept.setdefault((scope, key), value)
        return new


@dataclass
class StandIns:
    """The address of running stand-ins, and settings that point at them."""

    url: str
    session: aiohttp.ClientSession
    folder: Path
    slack_events: str | None = None
    teams_events: str = ""
    app: Any = None

    def settings(self, password: str | None = None) -> settings.Settings:
        """Settings for all three; `password` replaces every credential."""
        return settings.Settings(
            servicenow=settings.ServiceNow(
                url=self.url,
                user=SECRETS.servicenow_user,
                password=self.secret("sn", password or SECRETS.servicenow_password),
            ),
            slack=settings.Slack(
                token=self.secret("slack", password or SECRETS.slack_token),
                signing_secret=self.secret("signing", SECRETS.slack_signing_secret),
                app_token=self.secret("app", SECRETS.slack_app_token),
                channel="#incidents",
                api_url=f"{self.url}/slack/api/",
            ),
            teams=self.teams(password),
            page=settings.Page(
                url=f"{self.url}/page/webhook",
                token=self.secret("page", password or SECRETS.page_token),
            ),
        )

    def teams(self, password: str | None = None) -> settings.Teams:
        """Settings of the bot."""
        return settings.Teams(
            app_id=SECRETS.teams_app_id,
            app_password=self.secret("teams", password or SECRETS.teams_password),
            tenant=SECRETS.teams_tenant,
            team=SECRETS.teams_team,
            channel=next(iter(SECRETS.teams_channels)),
            service_url=f"{self.url}/teams/connector/",
            login_url=f"{self.url}/teams/login/",
            openid_url=f"{self.url}/teams/openid/v1/.well-known/openidconfiguration",
            graph_url=f"{self.url}/teams/graph/v1.0/",
            web_url=f"{self.url}/teams/",
        )

    def secret(self, name: str, value: str) -> Secret:
        (self.folder / name).write_text(value)
        return Secret(f"file:{self.folder / name}")

    async def misbehave(
        self, service: str, mode: str, times: int = 1, after: int = 0, **more: int
    ) -> None:
        order = {"service": service, "mode": mode, "times": times, "after": after, **more}
        async with self.session.post(f"{self.url}/misbehave", json=order) as reply:
            assert reply.status == 200, await reply.text()

    async def ledger(self, service: str, event: str | None = None) -> list[dict[str, Any]]:
        """What a service received, oldest first."""
        async with self.session.get(f"{self.url}/ledger", params={"service": service}) as reply:
            lines: list[dict[str, Any]] = await reply.json()
        return [line for line in lines if event in (None, line["event"])]

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        """POST to a control of the stand-ins; (status, JSON or text)."""
        async with self.session.post(self.url + path, json=body) as reply:
            is_json = reply.content_type == "application/json"
            return reply.status, await (reply.json() if is_json else reply.text())

    async def page(self, name: str) -> str:
        async with self.session.get(f"{self.url}/{name}") as reply:
            assert reply.status == 200
            return await reply.text()


@asynccontextmanager
async def standins(
    folder: Path,
    slack_events: str | None = None,
    calls_per_second: int = 200,
    patience: float = 60,
    trigger_life: float = 60,
    teams_events: str | None = None,
    secrets: Secrets = SECRETS,
) -> AsyncIterator[StandIns]:
    """Serve them until the block ends; the same folder again finds the same records.

    Without `slack_events` what people do in Slack goes over its socket.
    """
    app = build(
        folder / "home",
        secrets,
        slack_events,
        calls_per_second,
        patience,
        trigger_life,
        teams_events,
    )
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with aiohttp.ClientSession() as session:
            yield StandIns(
                f"http://{host}:{port}", session, folder, slack_events, teams_events or "", app
            )
    finally:
        await runner.cleanup()


async def said(served: StandIns, chat: str, count: int, having: str = "") -> list[dict[str, Any]]:
    """A chat's messages as they are, each with its last edit, once there are so many, none of them
    is a draft any more, and one says `having`."""
    async with asyncio.timeout(60):
        while True:
            found: dict[str, dict[str, Any]] = {}
            for line in await served.ledger(chat):
                if line["event"] in ("posted", "updated"):
                    message = line["body"]["message"]
                    found[message.get("ts") or message["id"]] = message
            shown = str(list(found.values()))
            if len(found) >= count and LOOKING not in shown and having in shown:
                return list(found.values())
