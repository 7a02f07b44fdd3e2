"""Slack's Web API in Chimera's own errors, and without retries that could post twice."""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from chimera.domain import Refused, Unavailable
from chimera.platform.loopback import is_loopback
from chimera.platform.settings import Slack

TIMEOUT = 10  # seconds
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
    "missing_scope": "give the app chat:write, files:write, channels:read and channels:history",
}


def web_client(section: Slack, token: str | None = None) -> AsyncWebClient:
    """A client that tries once: the SDK's own retry posts a message again after a lost reply."""
    client = AsyncWebClient(
        token=token, base_url=section.api_url, timeout=TIMEOUT, retry_handlers=[]
    )
    if is_loopback(section.api_url):
        client.proxy = None
    return client


class SlackApi:
    """Calls by method name. Raises Unavailable or Refused."""

    def __init__(self, section: Slack) -> None:
        self._section = section
        self._client: AsyncWebClient | None = None

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One call; arguments that are None are left out."""
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
        own = is_loopback(url)
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(TIMEOUT), trust_env=not own
                ) as session,
                session.post(url, data=content) as answer,
            ):
                if answer.status != 200:
                    said = f"HTTP {answer.status} {(await answer.text())[:200]}"
                    raise Unavailable("Slack", "take a file", said)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            said = f"{type(error).__name__}: {error}"
            raise Unavailable("Slack", "take a file", said) from error

    def _of_answer(self, error: SlackApiError, method: str) -> Refused | Unavailable:
        status = getattr(error.response, "status_code", 200)
        data = getattr(error.response, "data", None)
        if not isinstance(data, dict) or "error" not in data:
            return Unavailable("Slack", f"answer {method}", f"HTTP {status}")
        said = str(data["error"])
        if status == 429 or status >= 500 or said in TRANSIENT:
            return Unavailable("Slack", f"answer {method}", f"HTTP {status} {said}")
        details = "; ".join((data.get("response_metadata") or {}).get("messages", []))
        remedy = REMEDIES.get(said, "see the method's errors in Slack's reference")
        return Refused(f"Slack refused {method}: {said} {details}".strip() + f"; {remedy}")
