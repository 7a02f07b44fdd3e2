"""A backtest sees what a live worker would have seen, and says how much of the past it saw."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chimera.cli import build
from chimera.domain import moment
from chimera.flows.watching import watcher_of
from chimera.platform.observability import Prometheus, Window
from chimera.platform.observability.replay import Replay
from chimera.platform.settings import Settings, load_settings
from tests.coverage.recorded import Past, serving

STEP = 15.0
MINUTES = 150
SETTINGS = """
environment = "shop"
[prometheus]
url = "{url}"
scrape_interval = 15
history = 1200
[estate]
file = "estate.yaml"
[[watch]]
name = "presence"
kind = "presence"
metric = "up"
service_label = "app"
combine = "mean"
bad = "down"
floor = 0.4
limit = 0.5
symptom = true
[[watch]]
name = "errors"
kind = "errors"
read = "ratio"
metric = "hits_total"
where = 'code=~"5.."'
per = "hits_total"
service_label = "app"
floor = 0.05
symptom = true
[[watch]]
name = "load"
metric = "load"
service_label = "app"
floor = 5
"""
ESTATE = "nodes: [{name: shop, calls: [bank]}, {name: bank}, {name: mail}]\n"


def past() -> Past:
    """Errors of bank reach shop; mail fails by itself; for ten minutes there is nothing; load flickers."""
    last = time.time() // STEP * STEP + 179.0  # there still is data while the test runs
    times = last - STEP * np.arange(MINUTES * 4 + 12, 0, -1)
    ago = (last - 180 - times) / 60
    random, made = np.random.default_rng(3), Past(np.asarray(times, dtype=np.float64))
    there = np.where((ago < 70) & (ago > 60), np.nan, 1.0)
    for name, sick in (
        ("bank", (ago < 110) & (ago > 100)),
        ("shop", (ago < 109.5) & (ago > 100)),
        ("mail", (ago < 30) & (ago > 24)),
    ):
        labels = {"app": name, "job": "all", "instance": f"{name}:80"}
        made.add("up", there, **labels)
        bad = np.where(sick, random.poisson(30, times.size), random.poisson(0.5, times.size))
        made.add(
            "hits_total", np.cumsum(random.poisson(60, times.size)) * there, code="200", **labels
        )
        made.add("hits_total", np.cumsum(bad) * there, code="503", **labels)
        flicker = np.where((name == "mail") & ((ago % 14) < 0.8) & (ago > 72), 12.0, 0.0)
        made.add("load", (random.normal(10, 0.5, times.size) + flicker) * there, **labels)
    return made


def written(folder: Path, reader: Prometheus) -> Settings:
    (folder / "estate.yaml").write_text(ESTATE)
    (folder / "chimera.toml").write_text(SETTINGS.format(url=reader.url))
    return load_settings(folder / "chimera.toml")


async def test_every_look_is_the_one_that_a_live_worker_had(tmp_path: Path) -> None:
    async with serving(past(), tmp_path) as reader:
        settings = written(tmp_path, reader)
        watcher, step = watcher_of(settings), timedelta(seconds=STEP)
        how = {"step": step, "history": timedelta(seconds=settings.prometheus.history)}
        live, replay = Window(reader, settings.watch, **how), Replay(reader, settings.watch, **how)
        end = moment(time.time() // STEP * STEP - STEP)
        start = end - timedelta(minutes=118)  # over the edge of a piece, the fault and the gap
        there = here = None
        seen: set[tuple[str, bool]] = set()
        async for look in replay.looks(start, end):
            block = (await live.advance(look.at)).block
            lived, replayed = watcher.advance(block, there), watcher.advance(look.block, here)
            there, here = lived.state, replayed.state
            assert replayed.blind == lived.blind
            assert {a.id: a for a in replayed.anomalies} == {a.id: a for a in lived.anomalies}
            seen |= {(a.service, a.over) for a in lived.anomalies}
            assert look.block.values.shape[1] == 80
        assert {("bank", True), ("shop", True), ("mail", True)} <= seen


async def test_it_shows_incidents_gaps_and_what_would_be_quieter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(past(), tmp_path) as reader:
        written(tmp_path, reader)
        monkeypatch.chdir(tmp_path)
        words = ["backtest", "--days", "1"]
        shown = await asyncio.to_thread(CliRunner().invoke, build(), words)
        result = await asyncio.to_thread(CliRunner().invoke, build(), [*words, "--json"])
    assert shown.exit_code == result.exit_code == 0, shown.output + result.output
    found = json.loads(result.stdout)
    felt = [i for i in found["incidents"] if i["severity"] == "page"]
    assert [sorted(i["services"]) for i in felt] == [["bank", "shop"], ["mail"]]
    assert "errors is" in felt[0]["title"]
    assert all(i["ended"] for i in felt)
    assert len(found["gaps"]) == 1
    assert found["from"] > found["asked_from"]
    assert {a["incident"] for a in found["anomalies"] if a["service"] == "bank"} == {
        felt[0]["incident"]
    }
    noisy = {(n["signal"], n["service"]): n["advice"] for n in found["noise"]}
    assert "floor = " in noisy["load", "mail"]
    for words_shown in ("The data reach back", "No data from", "A week:", felt[0]["title"]):
        assert words_shown in shown.stdout


def test_what_cannot_be_backtested_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chimera.toml").write_text('[prometheus]\nurl = "http://127.0.0.1:9"\n')
    empty = CliRunner().invoke(build(), ["backtest"])
    assert (empty.exit_code, "chimera init" in empty.stderr) == (2, True)
    row = '[[watch]]\nname = "up"\nmetric = "up"\n'
    (tmp_path / "chimera.toml").write_text(f'[prometheus]\nurl = "http://127.0.0.1:9"\n{row}')
    away = CliRunner().invoke(build(), ["backtest"])
    assert (away.exit_code, "check that it runs" in away.stderr) == (5, True)
