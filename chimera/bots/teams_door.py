"""Whether a request is from Teams: its token's signature, issuer, audience, time and address.

The token vouches for who sent it, not for its body: that is what TLS and Microsoft's word are for.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from chimera.bots.teams_sdk import cloud, sdk
from chimera.domain import Refused, Unavailable
from chimera.platform.settings import Teams

CHANNEL = "msteams"


class NotFromTeams(Refused):
    """The request is not from Teams, or not for this bot."""


class Door:
    """Checks tokens with the keys at `teams.openid_url`, which the SDK keeps for a few minutes."""

    def __init__(self, section: Teams) -> None:
        self._section = section
        apps = sdk()
        self._validator = apps.TokenValidator.for_service(section.app_id, cloud=cloud(section))
        self._jwt = apps.jwt

    async def claims(self, authorization: str) -> dict[str, Any]:
        """What a verified token says. Raises NotFromTeams, and Unavailable while there are no keys."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise NotFromTeams("the request shows no token")
        try:
            # The SDK fetches keys with a client that blocks: in a thread of its own.
            claims: dict[str, Any] = await asyncio.to_thread(
                lambda: asyncio.run(self._validator.validate_token(token))
            )
        except self._jwt.PyJWKClientConnectionError as error:
            raise Unavailable("Microsoft", "show its keys", str(error)) from error
        except self._jwt.PyJWTError as error:
            raise NotFromTeams(f"the token does not hold: {error}") from error
        if not isinstance(claims.get("exp"), int | float):
            raise NotFromTeams("the token has no end")
        return claims

    def check(self, body: dict[str, Any], claims: dict[str, Any]) -> None:
        """Whether an activity is one that the token vouches for. Raises NotFromTeams."""
        section = self._section
        service = str(body.get("serviceUrl") or "")
        vouched = str(claims.get("serviceurl") or claims.get("serviceUrl") or "")
        if not service or service.rstrip("/") != vouched.rstrip("/"):
            raise NotFromTeams("the token was made for another service address")
        if origin(service) != origin(section.service_url):
            raise NotFromTeams(f"{origin(service)} is not where teams.service_url is")
        if body.get("channelId") != CHANNEL:
            raise NotFromTeams("it does not come from Teams")
        if inner(body, "recipient", "id") != f"28:{section.app_id}":
            raise NotFromTeams("it is for another bot")
        tenants = {
            inner(body, "conversation", "tenantId"),
            inner(body, "channelData", "tenant", "id"),
        }
        if {str(one).lower() for one in tenants if one} != {section.tenant.lower()}:
            raise NotFromTeams("it comes from another tenant")


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def inner(body: Any, *keys: str) -> Any:
    """A value within objects; None where there is none."""
    for key in keys:
        body = body.get(key) if isinstance(body, dict) else None
    return body
