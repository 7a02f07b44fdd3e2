"""`chimera diagnose` on files and on an incident: terminal, JSON and a page with a picture."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from chimera.agents.investigator import Investigator
from chimera.cli import build
from chimera.domain import LogCount
from chimera.domain import SignalKind as K
from chimera.platform.store.store import Store
from tests.agents.library import CARDS, NOW, incident, services
from tests.api.desk import OPERATOR, VIEWER
from tests.cli.conftest import serving
from tests.diagnosis.harbour import harbour
from tests.diagnosis.town import Town

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
    text = page.read_text()
    assert text.count("<svg") == 1  # one axis of time
    for told in ("cause</text>", "symptom</text>", "onset ", "crane__cpu_share, 2023-11-15"):
        assert told in text
    data = json.loads(CliRunner().invoke(build(), [*asked, "--json"]).output)
    assert data["ranking"][0]["service"] == "crane"
    assert data["verdict"] == "cause"


def test_a_csv_without_an_onset_is_refused_with_what_to_do(tmp_path: Path) -> None:
    said = CliRunner().invoke(build(), ["diagnose", str(written(tmp_path / "h.csv"))])
    assert said.exit_code != 0
    assert "--onset" in str(said.exception) + said.output


async def investigated(store: Store) -> None:
    """INC-7, as an investigator on a town's arrays found it; INC-8, which nobody has looked at."""
    town = Town().paint("shelves", K.CPU, 0.9).slow("shelves", 0.3)
    town.change("shelves", "configuration", 200, "threads")
    parts = {**services(town), Store: store}
    opened = incident("desk").model_copy(update={"title": "desk is <b>slow</b>"})
    said = await Investigator(parts, CARDS, keep=store.keep_dossier).investigate(opened, now=NOW)
    await store.save_incident(opened.model_copy(update={"diagnosis": said}))
    await store.save_incident(opened.model_copy(update={"id": "INC-8"}))
    kept = await store.dossier("INC-7")
    assert kept is not None
    log = LogCount(service="shelves", level="error", template="<script>", before=1, since=40)
    symptom = kept.exhibits[0].model_copy(update={"role": "symptom", "service": "desk"})
    exhibits = (*kept.exhibits, symptom)
    await store.keep_dossier(kept.model_copy(update={"logs": (log,), "exhibits": exhibits}))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("diagnosed"), investigated) as url:
        yield url


def asked(url: str, *words: str, token: str = OPERATOR) -> Result:
    return CliRunner().invoke(
        build(), list(words), env={"CHIMERA_URL": url, "CHIMERA_TOKEN": token}
    )


def test_an_incident_is_told_with_evidence_where_to_see_it_and_its_blast_radius(found: str) -> None:
    said = asked(found, "diagnose", "INC-7")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("INC-7: cause: shelves (cpu, ")
    for told in (
        "[q(shelves: the cpu), 2031-05-06 06:5",
        "hit 07:08",
        "shelves  error  1       40     <script>",
        "2031-05-06 07:04:40  shelves  configuration  threads",
        "repair  restart_service on shelves",
    ):
        assert told in said.output
    data = json.loads(asked(found, "diagnose", "INC-7", "--json").output)
    assert data["diagnosis"]["findings"][0]["target"] == "shelves"
    assert data["dossier"]["exhibits"][0]["role"] == "cause"


def test_its_page_holds_one_picture_and_escapes_what_others_wrote(
    found: str, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    assert asked(found, "diagnose", "INC-7", "--html", str(page)).exit_code == 0
    text = page.read_text()
    assert text.count("<svg") == 1
    for told in (
        "cause</text>",
        "symptom</text>",
        "onset 07:08:00",
        "Blast radius",
        "&lt;script&gt;",
    ):
        assert told in text
    assert "<script" not in text
    assert "<b>slow" not in text
    assert "http" not in text.replace("http://prometheus.invalid", "").replace(
        "http-equiv", ""
    ).replace("http://www.w3.org/2000/svg", "")  # it loads nothing


def test_an_incident_that_was_not_looked_at_says_so_and_an_unknown_one_is_not_found(
    found: str,
) -> None:
    assert "INC-8: not investigated yet" in asked(found, "diagnose", "INC-8").output
    assert asked(found, "diagnose", "INC-9").exit_code == 3


def test_a_cause_is_vetoed_by_who_may_and_shown_with_the_diagnosis(found: str) -> None:
    assert asked(found, "incidents", "veto", "INC-7", token=VIEWER).exit_code == 4
    assert asked(found, "incidents", "veto", "INC-8").exit_code == 4  # it names no cause
    assert asked(found, "incidents", "veto", "INC-7", "--cause", "moon").exit_code == 3
    made = asked(found, "incidents", "veto", "INC-7", "--note", "a backup ran")
    assert made.output == "noted: INC-7 was not cpu of shelves\n"
    told = "ola says that it was not cpu of shelves: a backup ran"
    assert told in asked(found, "diagnose", "INC-7").output
    shown = asked(found, "incidents", "show", "INC-7").output
    assert told in shown
    assert "reaches lending (loans): hit since 07:08" in shown
    assert asked(found, "incidents", "veto", "INC-7", "--undo").exit_code == 0
    assert told not in asked(found, "diagnose", "INC-7").output
    assert asked(found, "incidents", "veto", "INC-7", "--undo").exit_code == 3
