"""Slack's Web API in Chimera's own errors, and without retries that could post twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from chimera.domain import Refused, Unavailable
from chimera.platform.governance.links import Links, host_of
from chimera.platform.loopback import is_loopback
from chimera.platform.settings import Slack

TIMEOUT = 10  # seconds
LONGEST_WAIT = 5.0  # seconds that a call waits for a method that Slack has told to wait
TRANSIENT = {
    *("ratelimited", "rate_limited", "internal_error", "fatal_error"),
    *("service_unavailable", "request_timeout", "team_added_to_org"),
}
REMEDIES = {
    "invalid_auth": "check the secret behind slack.token",
    "not_authed": "check the secret behind slack.token",
    "token_revoked": "install the app again and renew slack.token",
    "account_inactive": "install the app again and renew slack.token",
    "channel_not_found": "check slack.channel and invite the bot to it",
    "not_in_channel": "invite the bot to the channel",
    "missing_scope": "`chimera doctor` names the scopes that are missing",
    "expired_trigger_id": "Slack waits three seconds for a form; press again",
    "not_allowed_token_type": "slack.token is the bot's (xoxb-), slack.app_token the app's (xapp-)",
}


class Client(AsyncWebClient):
    """Slack's client, which goes where the settings send it and follows nobody elsewhere."""

    async def _request(
        self, *, http_verb: str, api_url: str, req_args: dict[str, Any]
    ) -> dict[str, Any]:
        here = {**req_args, "allow_redirects": False}
        return await super()._request(http_verb=http_verb, api_url=api_url, req_args=here)


def web_client(section: Slack, token: str | None = None) -> AsyncWebClient:
    """A client that tries once: the SDK's own retry posts a message again after a lost reply."""
    client = Client(token=token, base_url=section.api_url, timeout=TIMEOUT, retry_handlers=[])
    if is_loopback(section.api_url):
        client.proxy = None
    return client


def slack_hosts(section: Slack) -> Links:
    """Where Slack itself may send us: its own hosts, and the one that the settings name with those
    below it."""
    host = host_of(section.api_url)
    return Links((".slack.com", host, f".{host}"))


class SlackApi:
    """Calls by method name. Raises Unavailable or Refused.

    After "too many" nothing is asked of that method until the time is over that Slack has named.
    """

    def __init__(self, section: Slack) -> None:
        self._section = section
        self._client: AsyncWebClient | None = None
        self._hosts = slack_hosts(section)
        self._not_before: dict[str, float] = {}  # on time.monotonic(), by method

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One call; arguments that are None are left out."""
        await self._in_time(method)
        if self._client is None:
            self._client = web_client(self._section, self._section.token.reveal())
        given = {name: value for name, value in arguments.items() if value is not None}
        reads = method.startswith("conversations.") or method == "chat.getPermalink"
        try:
            if method.startswith("files."):  # these take no JSON
                answer = await self._client.api_call(method, params=given)
            elif reads:
                answer = await self._client.api_call(method, http_verb="GET", params=given)
            else:
                answer = await self._client.api_call(method, json=given)
        except SlackApiError as error:
            raise self._of_answer(error, method) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            said = f"{type(error).__name__}: {error}"
            raise Unavailable("Slack", f"answer {method}", said) from error
        except (SlackClientError, ValueError, TypeError, KeyError) as error:
            said = f"an answer that is not its API's ({error})"
            raise Unavailable("Slack", f"answer {method}", said) from error
        if not isinstance(answer.data, dict):
            raise Unavailable("Slack", f"answer {method}", "an answer that is not its API's")
        return answer.data

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file to the address that files.getUploadURLExternal has named."""
        if not self._hosts.allowed(url):
            raise Refused(
                f"Slack names {host_of(url) or 'no host'} to send a file to, which is none of its "
                "own hosts; the file is not sent. See slack.api_url"
            )
        own = is_loopback(url)
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(TIMEOUT), trust_env=not own
                ) as session,
                session.post(url, data=content, allow_redirects=False) as answer,
            ):
                if answer.status != 200:
                    said = f"HTTP {answer.status} {(await answer.text())[:200]}"
                    raise Unavailable("Slack", "take a file", said)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            said = f"{type(error).__name__}: {error}"
            raise Unavailable("Slack", "take a file", said) from error

    def waits(self, method: str) -> float:
        """Seconds until the method may be asked again."""
        return max(self._not_before.get(method, 0.0) - time.monotonic(), 0.0)

    async def _in_time(self, method: str) -> None:
        wait = self.waits(method)
        if wait > LONGEST_WAIT:
            raise Unavailable("Slack", f"answer {method}", f"it takes no more for {wait:.0f} s")
        await asyncio.sleep(wait)

    def _of_answer(self, error: SlackApiError, method: str) -> Refused | Unavailable:
        status = getattr(error.response, "status_code", 200)
        data = getattr(error.response, "data", None)
        if status == 429:
            headers = getattr(error.response, "headers", None) or {}
            self._not_before[method] = time.monotonic() + asked_to_wait(headers)
        if 300 <= status < 400:
            said = f"a redirect (HTTP {status}), which is not followed; correct slack.api_url"
            return Unavailable("Slack", f"answer {method}", said)
        if not isinstance(data, dict) or "error" not in data:
            return Unavailable("Slack", f"answer {method}", f"HTTP {status}")
        said = str(data["error"])
        if status == 429 or status >= 500 or said in TRANSIENT:
            return Unavailable("Slack", f"answer {method}", f"HTTP {status} {said}")
        details = "; ".join((data.get("response_metadata") or {}).get("messages", []))
        remedy = REMEDIES.get(said, "see the method's errors in Slack's reference")
        return Refused(f"Slack refused {method}: {said} {details}".strip() + f"; {remedy}")


def asked_to_wait(headers: Mapping[str, str]) -> float:
    """What Retry-After says; a second where it says nothing that can be read."""
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(given) if given.isdigit() else 1.0
