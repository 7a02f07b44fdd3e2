"""What the stand-ins check callers against: one JSON file, given at the start."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from chimera.domain import Misconfigured


class Secrets(BaseModel):
    """Credentials, and the people and channels of the practice workspace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    servicenow_user: str
    servicenow_password: str
    slack_token: str
    slack_signing_secret: str
    slack_app_token: str = ""  # with it, and without an address for events: Socket Mode
    slack_scopes: str = (  # of the bot token, as its header names them
        "app_mentions:read,channels:history,channels:read,chat:write,commands,files:write,im:history"
    )
    page_token: str
    model_key: str = "sk-practice"
    slack_team: str = "T0PANTHER1"
    slack_users: dict[str, str] = Field(
        default={"U0ALICE001": "alice", "U0BOB00001": "bob", "U0GUEST001": "guest"}
    )
    slack_channels: dict[str, str] = Field(default={"C0INCIDENT": "incidents"})
    teams_app_id: str = "6f1c3b52-0c1e-4a52-9a37-7a4f1d1c9b10"
    teams_password: str = "teams-practice"
    teams_tenant: str = "2b0d6a41-55c1-4b7e-9a53-0f6a1c2d3e40"
    teams_team: str = "9d2f7c10-8e4b-4a0d-b6a1-3c5e7f901250"
    teams_webhook_key: str = "webhook-practice"
    teams_may_read: bool = True  # whether the team's owner lets the app read messages
    teams_users: dict[str, str] = Field(  # by object id
        default={
            "a11ce000-0000-4000-8000-000000000001": "alice",
            "b0b00000-0000-4000-8000-000000000002": "bob",
            "90e57000-0000-4000-8000-000000000003": "guest",
        }
    )
    teams_channels: dict[str, str] = Field(default={"19:incident@thread.tacv2": "incidents"})

    @classmethod
    def read(cls, path: Path) -> Secrets:
        """Raises Misconfigured without showing what the file holds."""
        try:
            return cls.model_validate(json.loads(path.read_text()))
        except (OSError, ValueError) as error:
            kind = type(error).__name__
            raise Misconfigured(
                f"the stand-ins cannot read their secrets from {path} ({kind}); write a JSON "
                f"object with {', '.join(name for name, f in cls.model_fields.items() if f.is_required())}"
            ) from None
