"""Microsoft's login: tokens for the bot, and the keys that sign what Teams sends to it."""

from __future__ import annotations

import json
import secrets as random
import time
from functools import cached_property
from hmac import compare_digest
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.secrets import Secrets

ISSUER = "https://api.botframework.com"
LASTS = 3600  # seconds of a token
KEYS = "/teams/openid/v1/.well-known/keys"
SCOPES = {
    "https://api.botframework.com/.default": "connector",
    "https://graph.microsoft.com/.default": "graph",
}


class TeamsLogin:
    """POST /teams/login/{tenant}/oauth2/v2.0/token; OpenID metadata and keys below /teams/openid."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._given: dict[str, tuple[str, float]] = {}  # token to service and end

    def routes(self) -> list[web.RouteDef]:
        known = "/teams/openid/v1/.well-known"
        return [
            web.post("/teams/login/{tenant}/oauth2/v2.0/token", self.token),
            web.get(f"{known}/openidconfiguration", self.metadata),
            web.get(KEYS, self.keys),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """The client credentials grant."""
        form = await request.post()
        service = SCOPES.get(str(form.get("scope", "")))
        if request.match_info["tenant"] != self._secrets.teams_tenant:
            return refused("invalid_request", "AADSTS90002: Tenant not found.", 400)
        if form.get("grant_type") != "client_credentials":
            return refused(
                "unsupported_grant_type", "AADSTS70003: The grant type is not supported.", 400
            )
        if form.get("client_id") != self._secrets.teams_app_id:
            return refused("unauthorized_client", "AADSTS700016: Application was not found.", 400)
        shown = str(form.get("client_secret", "")).encode()
        if not compare_digest(shown, self._secrets.teams_password.encode()):
            return refused("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        if service is None:
            return refused("invalid_scope", "AADSTS70011: The provided scope is not valid.", 400)
        token = random.token_urlsafe(32)
        self._given[token] = service, time.time() + LASTS
        return web.json_response(
            {
                "token_type": "Bearer",
                "expires_in": LASTS,
                "ext_expires_in": LASTS,
                "access_token": token,
            }
        )

    def revoke(self) -> None:
        """End every token."""
        self._given.clear()

    def opens(self, request: web.Request, service: str) -> bool:
        """Whether a request shows a token for this service."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        given, until = self._given.get(token, ("", 0.0))
        return kind == "Bearer" and given == service and time.time() < until

    @cached_property
    def _key(self) -> Any:
        """A pair of keys, made when it is first asked for."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        return random.token_hex(8), rsa.generate_private_key(65537, 2048)

    async def metadata(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": ISSUER,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": f"{request.scheme}://{request.host}{KEYS}",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        from jwt.algorithms import RSAAlgorithm

        kid, key = self._key
        public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
        return web.json_response(
            {"keys": [{**public, "kid": kid, "use": "sig", "endorsements": ["msteams"]}]}
        )

    def signed(self, service_url: str, **claims: Any) -> str:
        """The token that an activity comes with; a claim that is None is left out."""
        import jwt

        kid, key = self._key
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": self._secrets.teams_app_id,
            "serviceurl": service_url,
            "nbf": now - 1,
            "iat": now - 1,
            "exp": now + LASTS,
            **claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, key, algorithm="RS256", headers={"kid": kid})


LOGIN: web.AppKey[TeamsLogin] = web.AppKey("teams_login", TeamsLogin)


def refused(error: str, why: str, status: int) -> web.Response:
    return web.json_response({"error": error, "error_description": why}, status=status)
