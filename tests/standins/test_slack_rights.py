"""What the bot may do: the manifest asks for what is needed, the doctor names what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from chimera.bots.slack_scopes import SCOPES
from chimera.cli.doctor.slack import look_at_slack
from chimera.platform.settings import Settings, Slack
from tests.standins.serving import SECRETS, standins

PAGE = Path(__file__).parents[2] / "docs" / "slack.md"


def test_the_manifest_asks_for_exactly_what_is_needed() -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    manifest = yaml.safe_load(written)
    assert manifest["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)
    assert manifest["settings"]["socket_mode_enabled"]
    assert manifest["features"]["app_home"]["home_tab_enabled"]


@pytest.mark.parametrize(
    ("changed", "state", "said"),
    [
        ({}, "ok", "Socket Mode"),
        ({"slack_scopes": "chat:write,commands"}, "misconfigured", "files:write (pictures)"),
        (
            {"slack_scopes": ",".join(SCOPES).replace("channels:", "groups:")},
            "ok",
            "a private channel's scopes do as well",
        ),
        ({"slack_app_token": "xapp-renewed"}, "misconfigured", "slack.app_token: invalid_auth"),
        ({"slack_token": "xoxb-renewed"}, "misconfigured", "invalid_auth"),
    ],
)
async def test_the_doctor_names_what_slack_refuses(
    tmp_path: Path, changed: dict[str, str], state: str, said: str
) -> None:
    async with standins(tmp_path, secrets=SECRETS.model_copy(update=changed)) as served:
        found = await look_at_slack(served.settings())
        assert found.state == state, found
        if state != "ok":
            assert said in found.why
            assert found.remedy


def test_a_workspace_from_which_nothing_can_come_in_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing can come in from Slack"):
        Settings(slack=Slack(token="env:TOKEN", channel="C1"))
