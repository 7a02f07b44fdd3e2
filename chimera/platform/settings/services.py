"""What Chimera itself stands on: store, Temporal, Prometheus, logs, its API, who people are, telemetry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from chimera.platform.addresses import check_server, check_store
from chimera.platform.loopback import is_loopback
from chimera.platform.settings.section import Address, Port, Secret, Section

HOUR, MONTH = 3600.0, 31 * 86_400.0


class Store(Section):
    url: Annotated[str, AfterValidator(check_store)] = "sqlite+aiosqlite:///chimera.db"


class Temporal(Section):
    address: Annotated[str, AfterValidator(check_server)] = "127.0.0.1:7233"
    namespace: str = "default"
    task_queue: str = "chimera"


class Prometheus(Section):
    url: Address = "http://127.0.0.1:9090"
    public_url: Address | None = None  # for links that people open
    token: Secret | None = None
    scrape_interval: float = Field(5.0, ge=0.1, le=HOUR)  # seconds; the step of every series
    history: float = Field(3600.0, gt=0, le=MONTH)  # seconds that detection reads at its start
    timeout: float = Field(10.0, gt=0, le=HOUR)


class Logs(Section):
    directory: Path | None = None


class Data(Section):
    directory: Path | None = None  # Parquet: `NAME.parquet`, or `NAME/*.parquet` at any depth


class EstateFile(Section):
    file: Path | None = None


class Api(Section):
    host: str = "127.0.0.1"
    port: Port = 8300
    url: Address = "http://127.0.0.1:8300"
    public_url: Address | None = None  # where the Internet finds it: Teams fetches pictures there
    worker_metrics_port: Port = 8301
    alertmanager_token: Secret | None = None  # what Alertmanager must show at the webhook

    @model_validator(mode="after")
    def _is_encrypted_in_public(self) -> Self:
        given = self.public_url
        if given and not given.startswith("https://") and not is_loopback(given):
            raise ValueError(
                f"public_url {given!r} is no https address; give one, or leave it out: then Teams "
                "shows no pictures"
            )
        return self


class Identity(Section):
    people: Path | None = None
    signing_key: Secret | None = None


class ActuatorAccess(Section):
    kind: Literal["processes"] = "processes"
    url: Address
    token: Secret


class Telemetry(Section):
    otlp_endpoint: Address | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
