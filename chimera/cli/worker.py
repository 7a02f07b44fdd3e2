"""Run Chimera's worker."""

from __future__ import annotations

from chimera.cli.base.options import Config


def command(config: Config = None) -> None:
    """Run the worker: detection, incidents and repairs, until it is told to stop."""
    import asyncio

    from chimera.main.worker import run_worker
    from chimera.platform.settings import load_settings

    asyncio.run(run_worker(load_settings(config)))
