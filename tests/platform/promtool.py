"""Alert rules, proved by Prometheus' own promtool."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chimera.domain import ChimeraError
from chimera.sandbox.programs import prometheus as programs
from chimera.sandbox.programs.base import silent


async def prove_rules(test: Path) -> None:
    """Run a file of `promtool test rules`; what it says is shown when it fails."""
    process = await asyncio.create_subprocess_exec(
        await find_promtool(), "test", "rules", test,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def find_promtool() -> Path:
    try:
        found = programs.tool_of(
            await programs.find(programs.PROMETHEUS, silent), programs.PROMETHEUS
        )
    except ChimeraError as error:
        pytest.skip(f"promtool is not to be had here: {error}")
    if found is None:
        pytest.skip("promtool is not beside Prometheus")
    return found
