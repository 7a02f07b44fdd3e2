"""`chimera diagnose` on a CSV: terminal, JSON and a page with pictures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from chimera.cli import build
from tests.diagnosis.harbour import harbour

BEGAN = 1_700_000_000


def written(path: Path) -> Path:
    m = harbour(sick="crane").metrics
    values = np.hstack([m.before, m.since])
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", *(f"{s}__{n}" for s, n in zip(m.services, m.names, strict=True))])
        for i, row in enumerate(values.T.tolist()):
            rows.writerow([BEGAN + 60 * i, *row])
    return path


def test_a_csv_is_diagnosed_in_words_as_json_and_as_a_page(tmp_path: Path) -> None:
    path, page = written(tmp_path / "harbour.csv"), tmp_path / "page.html"
    onset = str(BEGAN + 60 * harbour().metrics.before.shape[1])
    asked = ["diagnose", str(path), "--onset", onset, "--target", "gate:latency_average_s"]
    said = CliRunner().invoke(build(), [*asked, "--html", str(page)])
    assert said.exit_code == 0, said.output
    assert "crane (cpu)" in said.output.splitlines()[0]
    assert page.read_text().count("<svg") == 2
    data = json.loads(CliRunner().invoke(build(), [*asked, "--json"]).output)
    assert data["ranking"][0]["service"] == "crane"
    assert data["verdict"] == "cause"


def test_a_csv_without_an_onset_is_refused_with_what_to_do(tmp_path: Path) -> None:
    said = CliRunner().invoke(build(), ["diagnose", str(written(tmp_path / "h.csv"))])
    assert said.exit_code != 0
    assert "--onset" in str(said.exception) + said.output
