"""What the stack writes for Chimera's own processes: chimera.toml, people.toml, alert rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import chimera.sandbox
from chimera.platform.catalog.estate import load_estate
from chimera.platform.identity.people import hashed
from chimera.platform.settings import load_settings
from chimera.platform.slo import slo_rules
from chimera.platform.telemetry.rules import alert_rules
from chimera.sandbox.stack import practice_teams
from chimera.sandbox.stack.layout import ENVIRONMENT, SCRAPE_SECONDS, Layout
from chimera.sandbox.stack.secrets import write_json, write_private

SANDBOX = Path(chimera.sandbox.__file__).parent
SLACK_TEAM = "T0PANTHER1"
SLACK_CHANNEL = "C0INCIDENT"
SLACK_USERS = {"operator": "U0OPERATOR", "reviewer": "U0REVIEWER"}
SERVICENOW_USER = "chimera"

HEADER = "# Written by `chimera up` at each start: changes made here are lost.\n"


def write(layout: Layout) -> None:
    """Write every file that Chimera's own processes read."""
    write_private(layout.home / "people.toml", HEADER + people(layout))
    write_private(layout.config, HEADER + settings(layout))
    rules = layout.home / "prometheus" / "rules"
    rules.mkdir(parents=True, exist_ok=True)
    own = rules / "chimera.yml"
    if layout.with_chimera:
        own.write_text(alert_rules(load_settings(layout.config)))
    else:  # rules of an earlier start would fire for what is not there
        own.unlink(missing_ok=True)
    levels = rules / "slo.yml"
    if layout.with_estate:
        slos = load_estate(SANDBOX / "estate.yaml").slos
        levels.write_text(slo_rules(slos, SCRAPE_SECONDS))
    else:
        levels.unlink(missing_ok=True)
    secrets = layout.secrets
    folder = layout.secrets_folder
    write_json(
        folder / "controller.json",
        {name: secrets[name] for name in ("reader", "actuator", "faults")},
    )
    write_json(
        folder / "standins.json",
        {
            "servicenow_user": SERVICENOW_USER,
            "servicenow_password": secrets["servicenow"],
            "slack_token": secrets["slack-bot"],
            "slack_signing_secret": secrets["slack-signing"],
            "page_token": secrets["page"],
            "slack_team": SLACK_TEAM,
            "slack_users": {user: name for name, user in SLACK_USERS.items()},
            "slack_channels": {SLACK_CHANNEL: "incidents"},
            "teams_password": secrets["teams"],
            "teams_users": {user: name for name, user in practice_teams.USERS.items()},
        },
    )


def settings(layout: Layout) -> str:
    """The text of chimera.toml."""

    def secret(name: str) -> str:
        return f"file:{layout.secrets_folder / name}"

    standins = layout.url("standins") if layout.with_estate else ""
    tables: dict[str, Mapping[str, Any]] = {
        "": {"environment": ENVIRONMENT, "home": str(layout.home / "chimera")},
        "store": {"url": layout.store_url},
        "temporal": {"address": layout.temporal_address},
        "prometheus": {"url": layout.url("prometheus"), "scrape_interval": SCRAPE_SECONDS},
        "api": {
            "port": layout.ports["api"],
            "url": layout.url("api"),
            "worker_metrics_port": layout.ports["worker_metrics"],
            "alertmanager_token": secret("alertmanager"),
        },
        "identity": {
            "people": str(layout.home / "people.toml"),
            "signing_key": secret("signing"),
        },
    }
    watch = ""
    if layout.with_estate:
        tables |= {
            "logs": {"directory": str(layout.estate / "logs")},
            "data": {"directory": str(layout.estate / "lake")},
            "estate": {"file": str(SANDBOX / "estate.yaml")},
            "policy": {"repeats_before_ask": 0},  # the same faults are practised over and over
            f"policy.trust.{ENVIRONMENT}": {"*": layout.trust},
            "actuator": {"url": layout.url("controller"), "token": secret("actuator")},
            "servicenow": {
                "url": standins,
                "user": SERVICENOW_USER,
                "password": secret("servicenow"),
            },
            "slack": {
                "token": secret("slack-bot"),
                "signing_secret": secret("slack-signing"),
                "channel": SLACK_CHANNEL,
                "api_url": f"{standins}/slack/api/",
            },
            "page": {"url": f"{standins}/page/webhook", "token": secret("page")},
        }
        if layout.with_teams:
            tables["teams"] = practice_teams.section(standins, secret("teams"))
            tables["api"] = {**tables["api"], "public_url": layout.url("api")}
        watch = (SANDBOX / "watch.toml").read_text()
    return "".join(table(name, keys) for name, keys in tables.items()) + "\n" + watch


def people(layout: Layout) -> str:
    """The text of people.toml: two local people, for whoever asked may not approve."""
    both = (
        ("operator", "Local operator", ["operator", "approver", "admin"]),
        ("reviewer", "Second pair of eyes", ["approver"]),
    )
    return "".join(
        table(
            "person",
            {
                "id": name,
                "name": title,
                "roles": roles,
                "slack": [f"{SLACK_TEAM}/{SLACK_USERS[name]}"],
                "teams": [practice_teams.identity(name)],
                "email": f"{name}@panther-retail.example",
                "tokens": [hashed(layout.secrets[name])],
            },
            brackets=2,
        )
        for name, title, roles in both
    )


def table(name: str, keys: Mapping[str, Any], brackets: int = 1) -> str:
    """One TOML table; JSON's strings, numbers and lists are TOML's."""
    head = f"\n{'[' * brackets}{name}{']' * brackets}\n" if name else ""
    return head + "".join(lines(keys))


def lines(keys: Mapping[str, Any]) -> Iterable[str]:
    for key, value in keys.items():
        quoted = key if key.replace("_", "").isalnum() else json.dumps(key)
        yield f"{quoted} = {json.dumps(value)}\n"
