"""A real Prometheus over a past that a test wrote: OpenMetrics text, made into blocks by promtool."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chimera.platform.observability import Prometheus
from chimera.sandbox.programs import prometheus as programs
from tests.observability.conftest import until

Floats = npt.NDArray[np.float64]


class Past:
    """Series as a test writes them; counters are told by their name."""

    def __init__(self, times: Floats) -> None:
        self.times = times
        self._series: dict[str, list[tuple[str, Floats]]] = {}

    def add(self, name: str, values: npt.ArrayLike, **labels: str) -> None:
        """One series; where the value is NaN there is no sample."""
        line = np.broadcast_to(np.asarray(values, dtype=np.float64), self.times.shape)
        pairs = ",".join(f'{k}="{v}"' for k, v in labels.items())
        self._series.setdefault(name, []).append((f"{name}{{{pairs}}}", line))

    def histogram(
        self,
        name: str,
        edges: Iterable[float],
        rates: npt.ArrayLike,
        median: npt.ArrayLike,
        **labels: str,
    ) -> None:
        """Exponential durations of this median, `rates` of them between two samples."""
        here = np.broadcast_to(np.asarray(rates, dtype=np.float64), self.times.shape)
        middle = np.broadcast_to(np.asarray(median, dtype=np.float64), self.times.shape)
        total = np.cumsum(here)
        for edge in edges:
            share = 1.0 - np.exp2(-edge / middle)
            self.add(f"{name}_bucket", np.cumsum(np.round(here * share)), le=f"{edge:g}", **labels)
        self.add(f"{name}_bucket", total, le="+Inf", **labels)
        self.add(f"{name}_count", total, **labels)
        self.add(f"{name}_sum", np.cumsum(here * middle / np.log(2)), **labels)

    def text(self) -> Iterable[str]:
        for name in sorted(self._series):
            for head, values in self._series[name]:
                there = np.isfinite(values)
                for at, value in zip(self.times[there], values[there], strict=True):
                    yield f"{head} {value:.10g} {at:.3f}\n"
        yield "# EOF\n"


@contextlib.asynccontextmanager
async def serving(past: Past, folder: Path) -> AsyncIterator[Prometheus]:
    """Prometheus with this past, scraping nothing."""
    program = await programs.find(programs.PROMETHEUS, lambda _: None)
    tool = programs.tool_of(program, programs.PROMETHEUS)
    assert tool is not None
    written, config = folder / "past.om", folder / "prometheus.yml"
    with written.open("w") as file:
        file.writelines(past.text())
    config.write_text("scrape_configs: []\n")
    make = [tool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", written, folder / "tsdb"]
    making = await asyncio.create_subprocess_exec(
        *map(str, make), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, wrote = await making.communicate()
    assert making.returncode == 0, wrote.decode()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        str(program.path),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        "--storage.tsdb.retention.time=400d",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    reader = Prometheus(f"http://127.0.0.1:{port}", timeout=30.0)
    try:
        await until(reader.ready)
        yield reader
    finally:
        process.terminate()
        await process.wait()
