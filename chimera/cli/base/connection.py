"""The way to Chimera's API: which address, whose token, and its errors as ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from chimera import domain
from chimera.domain import ChimeraError, Misconfigured, NotAllowed, NotFound, Refused, Unavailable

TOKEN_VARIABLE = "CHIMERA_TOKEN"
STATUS: dict[int, type[ChimeraError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    422: Misconfigured,
}


class Connection:
    """Asks one API as one person."""

    def __init__(self, url: str, token: str, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        local = httpx.URL(self.url).host in ("127.0.0.1", "localhost", "::1")
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            trust_env=not local,
        )

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("GET", path, params={k: v for k, v in query.items() if v is not None})

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._ask("POST", path, json=body or {})

    def lines(self, path: str) -> Iterator[str]:
        """What is too long for one answer, line by line."""
        try:
            with self._http.stream("GET", f"/api/v1{path}") as reply:
                if not reply.is_success:
                    reply.read()
                    raise failure(reply, self.url)
                yield from reply.iter_lines()
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            raise Unavailable(f"Chimera's API at {self.url}", "answer", why) from error

    def _ask(self, method: str, path: str, **how: Any) -> Any:
        try:
            reply = self._http.request(method, f"/api/v1{path}", **how)
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            raise Unavailable(f"Chimera's API at {self.url}", "answer", why) from error
        if reply.is_success:
            return read(reply, self.url)
        raise failure(reply, self.url)


def read(reply: httpx.Response, url: str) -> Any:
    try:
        return reply.json()
    except ValueError as error:
        raise Unavailable(f"what answers at {url}", "speak as Chimera's API does") from error


def failure(reply: httpx.Response, url: str) -> ChimeraError:
    """The API's error as the class it had there."""
    try:
        said = reply.json()["error"]
        name, message = str(said["type"]), str(said["message"])
    except (ValueError, KeyError, TypeError):
        name, message = "", f"{url} answered {reply.status_code}"
    if reply.status_code >= 500 and reply.status_code != 500:
        return Unavailable("Chimera's API", "do it", message)
    if reply.status_code == 401:
        message += f"; set {TOKEN_VARIABLE}"
    kind = getattr(domain, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Refused)):
        kind = STATUS.get(reply.status_code, Refused if reply.status_code < 500 else ChimeraError)
    return kind(message)


def connect(url: str | None = None, acting: str | None = None) -> Connection:
    """The API given by --url, CHIMERA_URL, $CHIMERA_CONFIG, the running stack or ./chimera.toml.

    `acting` picks one of the local stack's tokens; CHIMERA_TOKEN is used without it. Raises
    NotFound when there is no API to ask, NotAllowed when there is no token.
    """
    from chimera.platform.settings import CONFIG_VARIABLE, load_settings
    from chimera.sandbox.stack.state import load_state

    token = None if acting else os.environ.get(TOKEN_VARIABLE)
    state = load_state()
    if url is None and CONFIG_VARIABLE in os.environ:
        url = load_settings().api.url
    if url is None and state is not None:
        url = state.urls.get("api")
    if url is None and Path("chimera.toml").exists():
        url = load_settings().api.url
    if url is None:
        raise NotFound("no Chimera runs here; start one with `chimera up` or give --url")
    if token is None and state is not None and url.rstrip("/") == state.urls.get("api"):
        token = state.tokens.get(acting or "operator")
        if token is None:
            raise NotAllowed(f"the local stack has no token called {acting!r}")
    if not token:
        raise NotAllowed(f"no token for {url}; set {TOKEN_VARIABLE} to yours")
    return Connection(url, token)


def part(name: str) -> str:
    """A name as one part of a path; the slash of an order's id stays."""
    return quote(name, safe="/")
