from __future__ import annotations

import asyncio
import contextlib
import json
import lzma
import time
from pathlib import Path

from chimera.domain.errors import Unavailable
from chimera.sandbox.programs import prometheus as program
from chimera.sandbox.programs.base import silent
from chimera.sandbox.stack import Stack, history
from chimera.sandbox.stack.recording import record


async def test_what_was_recorded_can_be_loaded(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home", light=True, with_estate=False, with_chimera=False)
    state = await stack.start()
    target, deadline = tmp_path / "recording.om.xz", time.monotonic() + 60
    try:
        group = {
            "targets": [state.urls["prometheus"].removeprefix("http://")],
            "labels": {"service": "prometheus", "instance": "prometheus-0"},
        }
        (tmp_path / "home" / "estate" / "targets.json").write_text(json.dumps([group]))
        up: list[str] = []
        while len(up) < 2:  # two scrapes
            assert time.monotonic() < deadline
            await asyncio.sleep(0.5)
            with contextlib.suppress(Unavailable):  # not scraped yet
                written = await record(state.urls["prometheus"], 60, target)
                with lzma.open(target, "rt") as file:
                    lines = file.read().splitlines()
                up = [line for line in lines if line.startswith("up{")]
    finally:
        await stack.stop()
    assert lines[-1] == "# EOF"
    assert len(lines) == written + 1
    assert 'service="prometheus"' in up[0]
    found = await program.find(program.PROMETHEUS, silent)
    promtool = program.tool_of(found, program.PROMETHEUS)
    assert promtool is not None
    _, ends = await history.load(target, tmp_path / "data", promtool, silent)
    assert abs(time.time() - ends) < 30
    assert list((tmp_path / "data").glob("*/meta.json"))
