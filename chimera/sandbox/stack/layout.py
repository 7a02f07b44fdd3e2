"""Where everything of one stack lies: folders, ports, addresses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chimera.domain.errors import Misconfigured
from chimera.sandbox.stack import temporal

SCRAPE_SECONDS = 5.0
ENVIRONMENT = "practice"

# A service whose address is given by one of these is used where it is, and not started.
GIVEN = {
    "temporal": "CHIMERA_TEMPORAL_ADDRESS",
    "prometheus": "CHIMERA_PROMETHEUS_URL",
    "alertmanager": "CHIMERA_ALERTMANAGER_URL",
    "postgres": "CHIMERA_POSTGRES_URL",
}

PORT_NAMES = (
    "api",
    "worker_metrics",
    "prometheus",
    "alertmanager",
    "postgres",
    "controller",
    "standins",
    "temporal",
    *(f"temporal_{number}" for number in range(1, temporal.PORTS)),
)


def given_addresses() -> dict[str, str]:
    """The addresses the environment gives, by service."""
    return {name: os.environ[key] for name, key in GIVEN.items() if os.environ.get(key)}


@dataclass(frozen=True)
class Layout:
    """One stack's choices; what is written and started follows from them alone."""

    home: Path
    ports: Mapping[str, int]
    secrets: Mapping[str, str] = field(repr=False)
    light: bool = False
    with_estate: bool = True
    with_chimera: bool = True
    with_teams: bool = False
    trust: str = "act"
    seed: int = 1
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The settings of Chimera's own processes."""
        return self.home / "chimera.toml"

    @property
    def secrets_folder(self) -> Path:
        return self.home / "secrets"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def log_of(self, service: str) -> Path:
        """The log file of one service."""
        return self.logs / f"{service}.log"

    @property
    def estate(self) -> Path:
        """The practice estate's folder; its services' logs are in `logs` below it."""
        return self.home / "estate"

    @property
    def targets(self) -> Path:
        """What Prometheus scrapes of the estate; the controller writes it."""
        return self.estate / "targets.json"

    def url(self, name: str) -> str:
        """The address of one of the stack's HTTP services."""
        return self.given.get(name) or f"http://127.0.0.1:{self.ports[name]}"

    @property
    def temporal_address(self) -> str:
        return self.given.get("temporal") or f"127.0.0.1:{self.ports['temporal']}"

    @property
    def passfile(self) -> Path:
        """Postgres' passwords, so that no address needs to hold one."""
        return self.secrets_folder / "pgpass"

    @property
    def store_url(self) -> str:
        """Chimera's own database, as SQLAlchemy wants it."""
        if self.light:
            return f"sqlite+aiosqlite:///{self.home / 'chimera.db'}"
        if given := self.given.get("postgres"):
            return "postgresql+asyncpg://" + _after_scheme(given)
        port = self.ports["postgres"]
        return f"postgresql+asyncpg://chimera@127.0.0.1:{port}/chimera?passfile={self.passfile}"

    @property
    def estate_database(self) -> str:
        """The estate's own database, as asyncpg wants it, or `sqlite:` and a path."""
        if self.light:
            return f"sqlite:{self.estate / 'orders.db'}"
        if given := self.given.get("postgres"):
            return "postgresql://" + _after_scheme(given)
        port = self.ports["postgres"]
        return f"postgresql://panther@127.0.0.1:{port}/panther?passfile={self.passfile}"

    def urls(self) -> dict[str, str]:
        """Every address a person or another command may want."""
        web = ("api", "prometheus", "alertmanager")
        found = {name: self.url(name) for name in web if self.with_chimera or name != "api"}
        if self.with_estate:
            found |= {name: self.url(name) for name in ("controller", "standins")}
        return found | {
            "temporal": self.temporal_address,
            "store": self.store_url,
            "estate_database": self.estate_database,
        }


def _after_scheme(address: str) -> str:
    scheme, found, rest = address.partition("://")
    if not found or not scheme.startswith("postgres"):
        raise Misconfigured(
            f"{GIVEN['postgres']} is not an address of Postgres; "
            "write postgresql://user@host:port/database"
        )
    return rest
