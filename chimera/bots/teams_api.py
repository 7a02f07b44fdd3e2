"""Microsoft's services in Chimera's own errors: tokens, Bot Connector, Graph.

No call is made again by itself, unless it was refused for being one too many: Teams has no key by
which a message sent twice would be one.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Literal
from urllib.parse import quote

import httpx

from chimera.domain import Refused, Unavailable
from chimera.platform.loopback import is_loopback
from chimera.platform.settings import Teams

TIMEOUT = 10.0  # seconds
EARLY = 300.0  # seconds before its end that a token is renewed
WAITED = 3.0  # seconds that a call waits when told to slow down; more is for whoever retries it
TRANSIENT = (408, 412, 425, 429)  # 412: somebody else is changing the conversation; try again
SCOPES = {
    "connector": "https://api.botframework.com/.default",
    "graph": "https://graph.microsoft.com/.default",
}
REMEDIES = {
    401: "check teams.app_id, and the secret behind teams.app_password",
    403: "add the app to the team, and see that teams.team and teams.channel are its own",
    404: "see that teams.team and teams.channel name what the app was added to",
}
Service = Literal["connector", "graph"]
Json = dict[str, Any]


def path(*parts: str) -> str:
    """An address' path, in which ids stay single parts whatever they hold."""
    return "/".join(quote(part, safe="") for part in parts)


class TeamsApi:
    """Calls as the bot. Raises Unavailable or Refused."""

    def __init__(self, section: Teams) -> None:
        self._section = section
        self._tokens: dict[Service, tuple[str, float]] = {}  # with the moment of renewal
        self._held: dict[Service, float] = {}  # not before
        self._bases: dict[Service, str] = {
            "connector": section.service_url,
            "graph": section.graph_url,
        }

    async def call(
        self, service: Service, method: str, where: str, body: Json | None = None
    ) -> Json:
        """One call to a path below the service's address; its answer, an object."""
        url = f"{self._bases[service].rstrip('/')}/{where}"
        for _ in range(2):
            wait = self.waits(service)
            if wait > WAITED:
                said = f"it asked to wait for {wait:.0f} s more"
                raise Unavailable("Teams", f"answer {method} {where}", said)
            await asyncio.sleep(wait)
            known = service in self._tokens
            headers = {"Authorization": f"Bearer {await self.token(service)}"}
            answer = await self._send(method, url, headers=headers, json=body)
            if answer.status_code == 401:
                self._tokens.pop(service, None)
                if not known:  # a fresh token will not be taken either
                    break
                continue
            if answer.status_code != 429:
                break
            self._held[service] = time.monotonic() + seconds(answer.headers.get("Retry-After"))
        return self._read(answer, f"{method} {where}")

    def waits(self, service: Service) -> float:
        """Seconds until the service may be asked again."""
        return max(self._held.get(service, 0.0) - time.monotonic(), 0.0)

    async def token(self, service: Service) -> str:
        """A token for a service, renewed before it ends."""
        kept, until = self._tokens.get(service, ("", 0.0))
        if time.monotonic() < until:
            return kept
        section = self._section
        secret = section.app_password.reveal() if section.app_password else ""
        url = f"{section.login_url.rstrip('/')}/{path(section.tenant)}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": section.app_id,
            "client_secret": secret,
            "scope": SCOPES[service],
        }
        answer = await self._send("POST", url, data=form)
        said = object_of(answer)
        if answer.status_code in (400, 401, 403):
            why = said.get("error_description") or said.get("error") or f"HTTP {answer.status_code}"
            first = str(why).splitlines()[0][:300]
            raise Refused(
                f"Microsoft gives no token to {section.app_id} of {section.tenant}: {first}; check "
                "teams.app_id, teams.tenant, and the secret behind teams.app_password"
            )
        if not answer.is_success or not isinstance(said.get("access_token"), str):
            raise Unavailable("Microsoft's login", "give a token", f"HTTP {answer.status_code}")
        lasts = float(said.get("expires_in") or 0.0)
        token = str(said["access_token"])
        self._tokens[service] = token, time.monotonic() + lasts - min(EARLY, lasts / 2)
        return token

    async def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=not is_loopback(url)) as client:
                return await client.request(method, url, **more)
        except httpx.InvalidURL as error:
            raise Refused(f"an address of [teams] is none ({error}); correct it") from error
        except httpx.HTTPError as error:
            said = f"{type(error).__name__}: {error}"
            raise Unavailable("Teams", f"answer {method} {url}", said) from error

    def _read(self, answer: httpx.Response, asked: str) -> Json:
        status = answer.status_code
        if status in TRANSIENT or status >= 500:
            raise Unavailable("Teams", f"answer {asked}", f"HTTP {status}")
        said = object_of(answer)
        if answer.is_success:
            if not said and answer.content.strip() not in (b"", b"{}"):
                raise Unavailable("Teams", f"answer {asked}", "an answer that is not its API's")
            return said
        error = said.get("error")
        detail = error if isinstance(error, dict) else said
        why = " ".join(str(detail.get(name, "")) for name in ("code", "message")).strip()
        remedy = REMEDIES.get(status, "see the error in Microsoft's reference")
        raise Refused(f"Teams refused {asked}: HTTP {status} {why[:300]}; {remedy}")


def object_of(answer: httpx.Response) -> Json:
    """A body that is a JSON object; {} for anything else."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def seconds(header: str | None) -> float:
    """Retry-After as seconds; one, where it is missing or a date."""
    try:
        return max(float(header or 1.0), 0.0)
    except ValueError:
        return 1.0
