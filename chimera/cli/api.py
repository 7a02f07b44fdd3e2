"""Run Chimera's API."""

from __future__ import annotations

from chimera.cli.base.options import Config


def command(config: Config = None) -> None:
    """Run the API: REST, webhooks and the console, until it is told to stop."""
    import asyncio

    from chimera.main.api import run_api
    from chimera.platform.settings import load_settings

    asyncio.run(run_api(load_settings(config)))
