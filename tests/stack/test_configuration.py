from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from chimera.platform.identity.people import People
from chimera.platform.settings import load_settings
from chimera.sandbox.programs import prometheus as program
from chimera.sandbox.programs.base import output_of, silent
from chimera.sandbox.stack import configuration, observing, secrets
from chimera.sandbox.stack.layout import PORT_NAMES, Layout
from chimera.sandbox.standins.secrets import Secrets


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(
        home=tmp_path,
        ports={name: 20_000 + number for number, name in enumerate(PORT_NAMES)},
        secrets=secrets.load_or_make(tmp_path / "secrets"),
        trust="ask",
    )
    configuration.write(made)
    return made


def test_chimera_reads_the_settings_that_the_stack_writes(layout: Layout) -> None:
    settings = load_settings(layout.config)
    assert settings.policy.trust == {"practice": {"*": "ask"}}
    assert settings.watch
    assert settings.slack is not None
    assert settings.slack.token.reveal() == layout.secrets["slack-bot"]
    assert settings.actuator is not None
    assert settings.actuator.token.reveal() == layout.secrets["actuator"]
    assert settings.identity.people is not None
    operator = People.load(settings.identity.people).by_token(layout.secrets["operator"])
    assert operator is not None
    assert operator.has("approver")


def test_the_stand_ins_take_the_secrets_that_the_stack_writes(layout: Layout) -> None:
    given = Secrets.read(layout.secrets_folder / "standins.json")
    people = People.load(layout.home / "people.toml")
    by_name = {
        name: people.by_slack(given.slack_team, user) for user, name in given.slack_users.items()
    }
    assert {name: person.id for name, person in by_name.items()} == {
        "operator": "operator",
        "reviewer": "reviewer",
    }
    settings = load_settings(layout.config)
    assert settings.slack is not None
    assert settings.slack.channel in given.slack_channels


def test_secrets_stay_the_same_at_the_next_start(layout: Layout) -> None:
    assert secrets.load_or_make(layout.home / "secrets") == layout.secrets


def test_teams_is_told_where_it_is_asked_for(layout: Layout) -> None:
    assert load_settings(layout.config).teams is None
    configuration.write(replace(layout, with_teams=True))
    settings = load_settings(layout.config)
    given = Secrets.read(layout.secrets_folder / "standins.json")
    bot = settings.teams
    assert bot is not None
    assert bot.app_password is not None
    assert (bot.app_id, bot.app_password.reveal()) == (given.teams_app_id, given.teams_password)
    assert bot.channel in given.teams_channels
    assert settings.api.public_url == settings.api.url
    people = People.load(layout.home / "people.toml")
    names = {people.by_teams(bot.tenant, user).id for user in given.teams_users}
    assert names == {"operator", "reviewer"}


async def test_prometheus_and_alertmanager_accept_their_files(layout: Layout) -> None:
    for release, name, check in (
        (program.PROMETHEUS, "prometheus", ["check", "config"]),
        (program.ALERTMANAGER, "alertmanager", ["check-config"]),
    ):
        found = await program.find(release, silent)
        getattr(observing, name)(found, layout)
        tool = program.tool_of(found, release)
        assert tool is not None
        code, said = await output_of([tool, *check, layout.home / name / f"{name}.yml"])
        assert code == 0, said
    rules = yaml.safe_load((layout.home / "prometheus" / "rules" / "chimera.yml").read_text())
    assert rules["groups"]
