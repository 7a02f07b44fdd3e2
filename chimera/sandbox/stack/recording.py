"""Recording a healthy estate's series, so that `Stack(history=...)` can load them later.

python -m chimera.sandbox.stack.recording http://127.0.0.1:9090 4200 healthy.om.xz
"""

from __future__ import annotations

import argparse
import asyncio
import lzma
import time
from pathlib import Path
from typing import Any

import httpx

from chimera.domain.errors import Unavailable
from chimera.sandbox.stack.openmetrics import END, lines, name_and_labels

SELECTED = '{job="estate"}'


async def record(url: str, seconds: float, target: Path, ends: float | None = None) -> int:
    """Write the raw samples of the last `seconds` before `ends` (now) as OpenMetrics text, xz.

    Returns how many samples were written.

    Raises:
        Unavailable: Prometheus did not answer, or holds nothing of the estate.
    """
    ends = time.time() if ends is None else ends
    written = 0
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        # Names that existed at any time of the stretch, one read a name: an answer stays small.
        series = await ask(
            http, f"count by (__name__) (last_over_time({SELECTED}[{seconds:.0f}s]))", ends
        )
        names = sorted(row["metric"]["__name__"] for row in series)
        if not names:
            raise Unavailable("Prometheus", f"give series of {SELECTED}", "it holds none")
        with lzma.open(target, "wt", preset=6) as out:
            for name in names:
                selector = SELECTED.replace("{", f'{{__name__="{name}",')
                for row in await ask(http, f"{selector}[{seconds:.0f}s]", ends):
                    labels = {k: v for k, v in sorted(row["metric"].items()) if k != "__name__"}
                    series_name = name_and_labels(name, labels)
                    out.writelines(lines(series_name, row["values"]))
                    written += len(row["values"])
            out.write(END)
    return written


async def ask(http: httpx.AsyncClient, query: str, at: float) -> list[dict[str, Any]]:
    """The rows of an instant query."""
    try:
        answer = await http.get("/api/v1/query", params={"query": query, "time": f"{at:.3f}"})
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["data"]["result"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise Unavailable("Prometheus", "be read for a recording", str(error)) from error
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chimera.sandbox.stack.recording")
    parser.add_argument("url", help="Prometheus' address")
    parser.add_argument("seconds", type=float, help="how much of the past")
    parser.add_argument("target", type=Path, help="the file to write, .om.xz")
    given = parser.parse_args()
    count = asyncio.run(record(given.url, given.seconds, given.target))
    print(f"{count} samples in {given.target} ({given.target.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
