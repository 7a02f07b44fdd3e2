"""Slack's Socket Mode: what people do comes in over a WebSocket that Chimera opens.

No address of ours is needed, and no signature: the connection is made with the app's own token.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from chimera.bots.slack_api import slack_hosts, web_client
from chimera.domain import Refused
from chimera.platform.loopback import is_loopback
from chimera.platform.settings import Slack

PING = 5.0  # seconds between looks at the connection, and until a lost one is opened again
REMEDIES = {
    "invalid_auth": "check the secret behind slack.app_token",
    "not_authed": "check the secret behind slack.app_token",
    "missing_scope": "give the app-level token the scope connections:write",
    "not_allowed_token_type": "slack.app_token is the app-level token (xapp-), not the bot's",
}
log = structlog.get_logger(__name__)
quiet = logging.getLogger("chimera.slack_socket")  # the SDK logs every attempt with its trace
quiet.setLevel(logging.CRITICAL)


class Connection(SocketModeClient):
    """The SDK's client, which asks for an address for every attempt: each is good for one only."""

    def __init__(self, section: Slack, token: str, ping: float) -> None:
        super().__init__(token, quiet, web_client(section), ping_interval=ping)
        if is_loopback(section.api_url):
            self.proxy = None
        self._hosts = slack_hosts(section)

    async def connect(self) -> None:
        """Connect, however long it takes."""
        while not self.closed:
            try:
                async with asyncio.timeout(2 * self.ping_interval):
                    await super().connect()  # type: ignore[no-untyped-call]
                return
            except TimeoutError:
                self.wss_uri = None

    async def issue_new_wss_url(self) -> str:
        """Raises SlackApiError, Refused, and what the transport raises."""
        try:
            url = await super().issue_new_wss_url()
        except SlackApiError as error:
            said = str(error.response.get("error", error))
            remedy = REMEDIES.get(said, "see apps.connections.open in Slack's reference")
            log.error("slack_socket_refused", why=said, remedy=remedy)
            raise
        except Exception as error:
            log.warning("slack_socket_not_opened", why=f"{type(error).__name__}: {error}")
            raise
        if not self._hosts.allowed(url.replace("ws", "http", 1)):
            log.error("slack_socket_refused", why="it leads to none of Slack's hosts", address=url)
            raise Refused(f"Slack names {url[:200]} to connect to, which is none of its own hosts")
        return url


@asynccontextmanager
async def slack_socket(section: Slack, app: AsyncApp, ping: float = PING) -> AsyncIterator[None]:
    """Hear over the socket while the block runs. It does not wait for the first connection: Slack
    may be away while everything else is up. Raises Misconfigured for a token that is not there."""
    assert section.app_token is not None
    token = section.app_token.reveal()
    handler = AsyncSocketModeHandler(app, token, logger=quiet)
    await handler.client.close()  # type: ignore[no-untyped-call]  # it has ours instead
    handler.client = Connection(section, token, ping)
    handler.client.socket_mode_request_listeners.append(handler.handle)  # type: ignore[arg-type]
    connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        connecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await connecting
        await handler.close_async()  # type: ignore[no-untyped-call]
