"""All settings: the tables of `chimera.toml` and its own keys."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import field_validator

from chimera.platform.settings.behaviour import Detection, Guard, Loop, Memory, Policy
from chimera.platform.settings.channels import Page, ServiceNow, Slack, Teams
from chimera.platform.settings.model import Model
from chimera.platform.settings.section import Section
from chimera.platform.settings.services import (
    ActuatorAccess,
    Api,
    Data,
    EstateFile,
    Identity,
    Logs,
    Prometheus,
    Store,
    Telemetry,
    Temporal,
)
from chimera.platform.settings.watched import InfoMetric, Watched
from chimera.platform.settings.windows import Maintenance


class Settings(Section):
    """Everything that can be set."""

    environment: str = "default"
    home: Path = Path(".chimera")  # Chimera's own folder, for what extensions keep in files
    store: Store = Store()
    temporal: Temporal = Temporal()
    prometheus: Prometheus = Prometheus()
    logs: Logs = Logs()
    data: Data = Data()
    estate: EstateFile = EstateFile()
    api: Api = Api()
    identity: Identity = Identity()
    policy: Policy = Policy()
    loop: Loop = Loop()
    detection: Detection = Detection()
    memory: Memory = Memory()
    servicenow: ServiceNow | None = None
    slack: Slack | None = None
    teams: Teams | None = None
    page: Page | None = None
    actuator: ActuatorAccess | None = None
    model: Model | None = None
    telemetry: Telemetry = Telemetry()
    guard: Guard = Guard()
    changes: tuple[InfoMetric, ...] = (
        InfoMetric(metric="app_info", label="version", kind="release"),
        InfoMetric(metric="app_config_info", label="value", kind="configuration", key_label="key"),
        InfoMetric(
            metric="dataset_schema_info", label="fingerprint", kind="schema", key_label="dataset"
        ),
    )
    watch: tuple[Watched, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()

    @property
    def service_label(self) -> str:
        """What most [[watch]] rows name services by; for metrics of which nothing else is said."""
        named = Counter(row.service_label for row in self.watch)
        return named.most_common(1)[0][0] if named else "service"

    @field_validator("watch")
    @classmethod
    def names_are_unique(cls, watch: tuple[Watched, ...]) -> tuple[Watched, ...]:
        names = [signal.name for signal in watch]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two signals are called {twice[0]!r}; a name is used once")
        return watch
