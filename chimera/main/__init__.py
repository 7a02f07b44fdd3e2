"""The one place where everything is built.

`chimera worker` runs detection, incidents and repairs (`worker`); `chimera api` is where people and
webhooks come in (`api`, with the chats of `chats`). Both stand on `base`. Everything reaches its
parts through constructors, filled here.
"""

from __future__ import annotations


def main() -> None:
    """The `chimera` command."""
    from chimera.cli import build

    build()()
