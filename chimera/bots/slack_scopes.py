"""What the bot may do in Slack, and what each right is for. The manifest in docs/slack.md has the same."""

from __future__ import annotations

SCOPES = {
    "app_mentions:read": "being spoken to in channels",
    "channels:history": "replies in threads, and not posting twice",
    "channels:read": "finding the channel by its name",
    "chat:write": "posting anything",
    "commands": "/chimera",
    "files:write": "pictures",
    "im:history": "direct messages",
}
PRIVATE = {"channels:history": "groups:history", "channels:read": "groups:read"}  # either does


def missing(granted: str) -> list[str]:
    """What a token lacks, with what it is for. `granted` is Slack's x-oauth-scopes."""
    have = {scope.strip() for scope in granted.split(",")}
    return [
        f"{scope} ({purpose})"
        for scope, purpose in SCOPES.items()
        if not have & {scope, PRIVATE.get(scope, scope)}
    ]
