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
    page_token: str
    model_key: str = "sk-practice"
    slack_team: str = "T0PANTHER1"
    slack_users: dict[str, str] = Field(
        default={"U0ALICE001": "alice", "U0BOB00001": "bob", "U0GUEST001": "guest"}
    )
    slack_channels: dict[str, str] = Field(default={"C0INCIDENT": "incidents"})

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
