"""`chimera detect`: a file or a query in; a table, JSON and a picture out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from chimera.cli import build
from chimera.cli.detect import FOUND
from chimera.platform.observability import Prometheus
from tests.observability.conftest import Target, until

START = datetime(2026, 1, 1, tzinfo=UTC)


def detect(*words: str) -> Result:
    return CliRunner().invoke(build(), ["detect", *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two calm columns over a day; one of them is ten times as high for twenty minutes."""
    random = np.random.default_rng(5)
    size = 1440
    cpu, mem = 50 + random.normal(0, 2, size), 300 + random.normal(0, 5, size)
    cpu[1000:1020] += 450
    lines = [
        f"{(START + timedelta(minutes=n)).isoformat()},{cpu[n]:.4f},{mem[n]:.4f}\n"
        for n in range(size)
    ]
    path = tmp_path / "host.csv"
    path.write_text("time,cpu,mem\n" + "".join(lines))
    return path


def test_an_anomaly_is_in_the_table_in_the_json_and_in_the_picture(
    file: Path, tmp_path: Path
) -> None:
    svg, out = tmp_path / "cpu.svg", tmp_path / "found.json"
    shown = detect(str(file), "--json", str(out), "--picture", str(svg))
    assert shown.exit_code == 0, shown.output
    assert "2 series of 1440 points, 60 s apart" in shown.stdout
    assert "2026-01-01 16:40" in shown.stdout
    found = json.loads(out.read_text())
    assert found["series"] == ["cpu", "mem"]
    hit = [a for a in found["anomalies"] if a["series"] == "cpu"]
    assert any(a["began"].startswith("2026-01-01T16:4") and a["seen"] > 400 for a in hit)
    strongest = max(found["anomalies"], key=lambda a: a["surprise"])
    assert strongest["low"] < strongest["expected"] < strongest["high"] < strongest["seen"]
    assert strongest["detector"]
    picture = svg.read_text()
    assert "cpu is " in picture
    assert "began 16:4" in picture


def test_the_exit_code_tells_only_when_asked(file: Path, tmp_path: Path) -> None:
    assert detect(str(file)).exit_code == 0
    assert detect(str(file), "--exit-code").exit_code == FOUND
    calm = detect(str(file), "--columns", "mem", "--exit-code", "--json", "-")
    assert calm.exit_code == (FOUND if json.loads(calm.stdout)["anomalies"] else 0)
    png = tmp_path / "cpu.PNG"
    quiet = detect(str(file), "--json", "-", "--picture", str(png))
    assert json.loads(quiet.stdout)["anomalies"]  # nothing but JSON
    assert png.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "one of them"),
        (("nowhere.csv",), 3, "no file nowhere.csv"),
        (("x.csv", "--picture", "x.gif"), 2, "must end in .svg or .png"),
        (("--query", "up", "--prometheus", "http://127.0.0.1:9"), 5, "check that it runs"),
        (("--query", "up", "--prometheus", "http://127.0.0.1:9", "--since", "soon"), 2, "6h"),
        (("--query", "up"), 2, "--prometheus URL"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    words: tuple[str, ...], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHIMERA_CONFIG", raising=False)
    result = detect(*words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


async def test_a_query_is_looked_at_like_a_file(target: Target, prometheus: Prometheus) -> None:
    import asyncio

    target.lines = {'depth{queue="mail"}': 3.0, 'depth{queue="bills"}': 4.0}

    async def scraped() -> bool:
        now = datetime.now(UTC)
        told = await prometheus.raw("depth", now - timedelta(minutes=1), now)
        return sum(s.times.size for s in told.series) >= 6

    await until(scraped)
    words = ("--query", "depth", "--prometheus", prometheus.url, "--since", "1m", "--step", "1s")
    result = await asyncio.to_thread(detect, *words, "--json", "-")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert len(found["series"]) == 2
    assert any('queue="mail"' in name for name in found["series"])
    assert found["points"] == 61
    nothing = await asyncio.to_thread(detect, *words[:1], "nope", *words[2:])
    assert (nothing.exit_code, "has no series" in nothing.stderr) == (3, True)
