"""python -m chimera.sandbox.standins --home DIR --port P --secrets FILE [--slack-events URL] [--teams-events URL]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from aiohttp import web

from chimera.domain import Misconfigured
from chimera.sandbox.standins.app import build
from chimera.sandbox.standins.secrets import Secrets


def main() -> None:
    """Serve until told to stop (SIGTERM, Ctrl-C)."""
    parser = argparse.ArgumentParser(prog="chimera.sandbox.standins", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder to keep records in")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--secrets", type=Path, required=True, help="JSON with the credentials")
    parser.add_argument("--slack-events", help="where button presses and commands are sent")
    parser.add_argument("--teams-events", help="where messages and presses in Teams are sent")
    parser.add_argument("--slack-rate", type=int, default=50, help="calls a second before a 429")
    given = parser.parse_args()
    try:
        app = build(
            given.home,
            Secrets.read(given.secrets),
            given.slack_events,
            given.slack_rate,
            teams_events=given.teams_events,
        )
    except Misconfigured as error:
        sys.exit(str(error))
    web.run_app(
        app, host="127.0.0.1", port=given.port, print=None, access_log=None, shutdown_timeout=1
    )


if __name__ == "__main__":
    main()
