"""`chimera audit` and `chimera trust` against the real API, and an export that is checked alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chimera.cli import build
from chimera.domain import Outcome, RunRecord, Trust
from chimera.domain.runs import Called
from chimera.platform.identity.signing import Signer
from chimera.platform.store import Store
from tests.api.desk import APPROVER, NOW, OPERATOR, VIEWER, furnish
from tests.cli.conftest import serving

KEY = "a signing key of thirty-two bytes"


async def kept(store: Store) -> None:
    store.seal_audit(Signer(KEY).seal)
    await furnish(store)
    run = RunRecord(
        id="r1", kind="investigation", subject="INC-1", began=NOW, ended=NOW,
        plans=(("signals_now",), ("search_logs",)), used=("logs:1",), decision="memory of checkout",
        calls=(Called(tool="search_logs", evidence=("logs:1", "logs:2"), plan=1, answer="a" * 64),),
    )  # fmt: skip
    await store.keep_run(run)
    await store.keep_run(
        run.model_copy(
            update={"id": "t1", "kind": "turn", "subject": "terminal/ola/x", "who": "ola"}
        )
    )
    denied = Outcome(
        order_id="INC-1/1", status="refused", reason="<b>no</b>", denied_by="ana", at=NOW
    )
    await store.change_order("INC-1/1", state="done", outcome=denied)
    await store.step_down(
        "default", "restart_service", "INC-1/1", "order INC-1/1 failed", Trust.ACT, NOW
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    with serving(tmp_path, kept) as url:
        monkeypatch.setenv("CHIMERA_URL", url)

        def asked(*words: str, token: str = APPROVER) -> Result:
            monkeypatch.setenv("CHIMERA_TOKEN", token)
            return CliRunner().invoke(build(), list(words))

        yield asked


def test_the_log_is_listed_verified_and_taken_along(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = json.loads(run("audit", "list", "--incident", "INC-1", "--json").output)
    assert rows[-1]["action"] == "order.placed"
    assert "order.placed" in run("audit", "list", "--who", "chimera", "--action", "order").output
    said = run("audit", "verify")
    assert said.exit_code == 0, said.output
    head = said.output.split("head ")[1].split(" ")[0]
    file = tmp_path / "log.jsonl"
    assert run("audit", "export", "--out", str(file)).exit_code == 0
    for words in ((), ("--head", head)):
        assert run("audit", "verify", str(file), *words).exit_code == 0, words
    settings = tmp_path / "chimera.toml"
    settings.write_text('[identity]\nsigning_key = "file:key"\n')
    (tmp_path / "key").write_text(KEY)
    assert "sealed" in run("audit", "verify", str(file), "--config", str(settings)).output
    (tmp_path / "key").write_text("another key of thirty-two bytes!!")
    assert run("audit", "verify", str(file), "--config", str(settings)).exit_code == 1


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda rows: [rows[0].replace("chimera", "bob"), *rows[1:]], "altered"),
        (lambda rows: [*rows[:1], *rows[2:]], "missing"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "missing"),
        (lambda rows: [rows[0], rows[0], *rows[1:]], "reordered"),
        (lambda rows: [*rows[:-2], rows[-1]], "truncated"),
        (lambda rows: rows[:-1], "truncated"),
        (lambda rows: [*rows, rows[0]], "added"),
    ],
)
def test_an_export_that_was_touched_is_found_out(run, tmp_path: Path, spoil, kind: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "log.jsonl"
    run("audit", "export", "--out", str(file))
    file.write_text("".join(spoil(file.read_text().splitlines(keepends=True))))
    said = run("audit", "verify", str(file))
    assert said.exit_code == 1
    assert f"({kind})" in said.output


def test_what_is_no_log_and_who_may_not_read_it_are_told_so(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for words in (("list",), ("verify",), ("export",)):
        said = run("audit", *words, token=OPERATOR)
        assert "approver" in said.output
    (tmp_path / "other").write_text("hello\n")
    said = run("audit", "verify", str(tmp_path / "other"))
    assert "line 1" in said.output
    said = run("audit", "verify", "--head", "12")
    assert "ROW:HASH" in said.output


def test_the_record_tells_what_was_cited_and_who_overrode(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page = tmp_path / "record.html"
    said = run("trust", "record", "INC-1", "--html", str(page), token=VIEWER)
    assert said.exit_code == 0, said.output
    for words in ("re-plan 1", "1 of 2", "1 used, 1 left aside", "ana denied INC-1/1"):
        assert words in said.output
    assert "&lt;b&gt;no&lt;/b&gt;" in page.read_text()
    assert "re-plan 1" in run("incidents", "show", "INC-1", "--record").output
    assert "re-plan 1" in run("diagnose", "INC-1").output
    assert run("trust", "record", "terminal/ola/x", token=OPERATOR).exit_code == 0
    assert "approver" in run("trust", "record", "terminal/ola/x", token=VIEWER).output


def test_trust_is_reported_and_restored_by_who_may(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page = tmp_path / "trust.html"
    said = run("trust", "report", "--days", "3650", "--html", str(page))
    assert said.exit_code == 0, said.output
    assert "restart_service" in said.output
    assert "order INC-1/1 failed" in said.output
    assert "chimera trust restore" in page.read_text()
    assert "approver" in run("trust", "restore", "restart_service", token=OPERATOR).output
    assert run("trust", "restore", "restart_service").exit_code == 0
    assert "did not go down" in run("trust", "restore", "restart_service").output
