"""Who is who: `people.toml` maps one person to their chat, e-mail and API-token identities.

    [[person]]
    id = "ana"
    name = "Ana Example"
    roles = ["operator", "approver"]
    slack = ["T0123/U0456"]            # team and user, as Slack's verified payload has them
    teams = ["<tenant>/<object id>"]   # Entra's ids, as Teams' verified activity has them
    email = "ana@example.com"
    tokens = ["sha256:<hex>"]          # hashes alone; `chimera people token ana` makes one

Tokens are 256 random bits, so that a plain SHA-256 of them cannot be guessed back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chimera.domain import Misconfigured, Principal
from chimera.platform.settings import explain

Role = Literal["viewer", "operator", "approver", "admin"]
Hash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
SlackUser = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+/[A-Z0-9]+$")]
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
TeamsUser = Annotated[str, StringConstraints(pattern=rf"^{UUID}/{UUID}$", to_lower=True)]
MAY_ONLY_LOOK: tuple[Role, ...] = ("viewer",)


class Person(BaseModel):
    """One person and every identity of theirs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[\w.@-]+$")]
    name: str = ""
    roles: tuple[Role, ...] = MAY_ONLY_LOOK
    slack: tuple[SlackUser, ...] = ()
    teams: tuple[TeamsUser, ...] = ()
    email: str | None = None
    tokens: tuple[Hash, ...] = ()

    def principal(self, via: str) -> Principal:
        return Principal(id=self.id, name=self.name or self.id, roles=self.roles, via=via)


class Register(BaseModel):
    """The file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: tuple[Person, ...] = Field(default=())


class People:
    """Everybody Chimera knows. Those it does not know may only look."""

    def __init__(self, people: tuple[Person, ...] = ()) -> None:
        self.know(people)

    def know(self, people: tuple[Person, ...]) -> None:
        """Know these people and nobody else. Raises Misconfigured, and then nothing has changed."""
        unique(people, "id", lambda p: (p.id,))
        unique(people, "e-mail address", lambda p: (p.email.lower(),) if p.email else ())
        by_slack = unique(people, "Slack user", lambda p: p.slack)
        by_teams = unique(people, "Teams user", lambda p: p.teams)
        by_token = unique(people, "token", lambda p: p.tokens)
        self.people, self._by_token = people, by_token
        self._by_slack, self._by_teams = by_slack, by_teams

    @classmethod
    def load(cls, path: Path) -> People:
        """Read people.toml. Raises Misconfigured with one line: file, line, key, what to do."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise Misconfigured(
                f"the people file {path} cannot be read ({why}); "
                "set identity.people to one that can"
            ) from error
        try:
            register = Register.model_validate(tomllib.loads(text))
            return cls(register.person)
        except tomllib.TOMLDecodeError as error:
            raise Misconfigured(f"{path} is not valid TOML: {error}") from error
        except ValidationError as error:
            raise Misconfigured(explain(path, text, error)) from error
        except Misconfigured as error:
            raise Misconfigured(f"{path}: {error}") from error

    def by_token(self, token: str) -> Principal | None:
        """Whoever holds this API token; the time taken does not tell how near a guess was."""
        shown = hashed(token)
        found = None
        for kept, person in self._by_token.items():
            if hmac.compare_digest(kept, shown):
                found = person.principal("api")
        return found

    def by_slack(self, team: str, user: str) -> Principal:
        """Whoever this verified Slack user is; somebody unknown may only look."""
        person = self._by_slack.get(f"{team}/{user}")
        if person is None:
            return Principal(id=f"slack:{team}/{user}", roles=MAY_ONLY_LOOK, via="slack")
        return person.principal("slack")

    def by_teams(self, tenant: str, user: str) -> Principal:
        """Whoever this verified Teams user is; somebody unknown may only look."""
        named = f"{tenant}/{user}".lower()
        person = self._by_teams.get(named)
        if person is None:
            return Principal(id=f"teams:{named}", roles=MAY_ONLY_LOOK, via="teams")
        return person.principal("teams")


def unique(
    people: tuple[Person, ...], what: str, identities: Callable[[Person], tuple[str, ...]]
) -> dict[str, Person]:
    """Identity to person. Raises Misconfigured when two people share one."""
    owners: dict[str, Person] = {}
    for person in people:
        for identity in identities(person):
            if identity in owners:
                raise Misconfigured(
                    f"{owners[identity].id!r} and {person.id!r} have the same {what}; "
                    "one identity belongs to one person"
                )
            owners[identity] = person
    return owners


def hashed(token: str) -> str:
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def new_token() -> tuple[str, str]:
    """A fresh API token and the hash of it that people.toml keeps. The token is shown once."""
    token = "chi_" + secrets.token_urlsafe(32)
    return token, hashed(token)
