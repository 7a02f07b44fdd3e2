"""Settings: one typed TOML file, `chimera.toml`, and `CHIMERA__SECTION__KEY` from the environment;
secrets by reference only.

A secret is written `env:NAME` or `file:PATH` and is read when it is used; its value is never
printed. Relative paths are relative to the file.
"""

from chimera.platform.settings.behaviour import Detection, Guard, Loop, Memory, Policy
from chimera.platform.settings.channels import Page, ServiceNow, Slack, Teams
from chimera.platform.settings.loading import CONFIG_VARIABLE, explain, find_config, load_settings
from chimera.platform.settings.model import ConversationBudget, DayBudget, Model, ModelBudget
from chimera.platform.settings.section import Secret, Section
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
from chimera.platform.settings.settings import Settings
from chimera.platform.settings.watched import InfoMetric, Watched
from chimera.platform.settings.windows import Freeze, Maintenance

__all__ = [
    "CONFIG_VARIABLE",
    "ActuatorAccess",
    "Api",
    "ConversationBudget",
    "Data",
    "DayBudget",
    "Detection",
    "EstateFile",
    "Freeze",
    "Guard",
    "Identity",
    "InfoMetric",
    "Logs",
    "Loop",
    "Maintenance",
    "Memory",
    "Model",
    "ModelBudget",
    "Page",
    "Policy",
    "Prometheus",
    "Secret",
    "Section",
    "ServiceNow",
    "Settings",
    "Slack",
    "Store",
    "Teams",
    "Telemetry",
    "Temporal",
    "Watched",
    "explain",
    "find_config",
    "load_settings",
]
