"""Teams in the practice company: one bot in the stand-ins' tenant, with `chimera up --teams`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from chimera.domain.errors import Misconfigured
from chimera.sandbox.standins.secrets import Secrets

USERS = {
    "operator": "0be7a70a-0000-4000-8000-000000000001",
    "reviewer": "9e71e3e7-0000-4000-8000-000000000002",
}


def standing_in(name: str) -> Any:
    """What the stand-ins take for this where their secrets name nothing else."""
    return Secrets.model_fields[name].get_default()


def identity(name: str) -> str:
    """A local person, as Teams knows them."""
    return f"{standing_in('teams_tenant')}/{USERS[name]}"


def section(standins: str, password: str) -> dict[str, str]:
    """The keys of [teams]. Raises Misconfigured without Microsoft's package."""
    if find_spec("microsoft_teams") is None:
        raise Misconfigured(
            "--teams needs a package that is not there; install chimera-aiops[teams]"
        )
    here = f"{standins}/teams"
    return {
        "app_id": standing_in("teams_app_id"),
        "app_password": password,
        "tenant": standing_in("teams_tenant"),
        "team": standing_in("teams_team"),
        "channel": next(iter(standing_in("teams_channels"))),
        "service_url": f"{here}/connector/",
        "login_url": f"{here}/login/",
        "openid_url": f"{here}/openid/v1/.well-known/openidconfiguration",
        "graph_url": f"{here}/graph/v1.0/",
        "web_url": f"{here}/",
    }
