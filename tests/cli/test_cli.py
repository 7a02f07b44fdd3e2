from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import chimera.bench
from chimera.cli import build
from chimera.platform.identity.people import People
from tests.api.desk import APPROVER, OPERATOR, VIEWER, plan

APP = build()


def run(*words: str, url: str | None = None, token: str | None = OPERATOR) -> Result:
    env = {"CHIMERA_URL": url, "CHIMERA_TOKEN": token}
    return CliRunner().invoke(APP, list(words), env=env)


def said(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    "words",
    [
        ("incidents", "list"),
        ("incidents", "list", "--all"),
        ("incidents", "show", "INC-1"),
        ("orders", "list"),
        ("orders", "show", "INC-1/1"),
        ("runbooks", "list"),
        ("runbooks", "show", "restart_service"),
        ("runbooks", "run", "restart_service", "-p", "service=checkout", "--dry-run"),
        ("status",),
        ("silence", "list", "--all"),
        ("silence", "add", "--service", "x", "--reason", "noise", "--for", "90m"),
        ("alerts", "list", "--days", "14"),
        ("alerts", "report"),
        ("alerts", "feedback"),
    ],
)
def test_what_prints_data_prints_it_for_people_and_as_json(
    api: str, words: tuple[str, ...]
) -> None:
    for_people = run(*words, url=api)
    assert for_people.exit_code == 0, for_people.output
    assert for_people.stdout.strip()
    assert said(run(*words, "--json", url=api)) is not None


@pytest.mark.parametrize(
    ("words", "token", "code", "why"),
    [
        (("incidents", "show", "INC-9"), OPERATOR, 3, "no incident 'INC-9'"),
        (("orders", "approve", "INC-1/1"), OPERATOR, 4, "none of the roles approver"),
        (("orders", "approve", "INC-1/1", "--plan-hash", "old"), APPROVER, 4, "has changed"),
        (("pause",), VIEWER, 4, "none of the roles"),
        (("status",), "wrong", 4, "nobody is signed in"),
        (("status",), None, 4, "CHIMERA_TOKEN"),
        (("incidents", "list", "--limit", "0"), OPERATOR, 2, "--limit"),
        (("incidents", "lst"), OPERATOR, 2, "Did you mean 'list'"),
        (("incidents", "merge", "INC-1", "INC-1"), OPERATOR, 4, "into itself"),
        (("incidents", "split", "INC-1", "--service", "x"), OPERATOR, 4, "order INC-1/1"),
        (("silence", "add", "--service", "x"), OPERATOR, 2, "--reason"),
        (("silence", "add", "--reason", "x"), OPERATOR, 2, "say what"),
        (("silence", "add", "--signal", "x", "--reason", "x", "--for", "1y"), OPERATOR, 2, "90m"),
        (("silence", "add", "--signal", "x", "--reason", "x"), VIEWER, 4, "none of the roles"),
        (("silence", "lift", "SIL-9"), OPERATOR, 3, "SIL-9"),
        (("alerts", "useful", "INC-9"), OPERATOR, 3, "INC-9"),
        (("alerts", "not-useful", "INC-1"), VIEWER, 4, "may not vote"),
        (("runbooks", "run", "restart_service", "-p", "x"), OPERATOR, 2, "not KEY=VALUE"),
    ],
)
def test_an_error_is_one_line_and_its_kind_is_the_exit_code(
    api: str, words: tuple[str, ...], token: str | None, code: int, why: str
) -> None:
    result = run(*words, url=api, token=token)
    assert result.exit_code == code, result.output
    assert result.stdout == "" or words[0] == "orders"  # the plan that was looked at
    assert why in result.stderr
    assert result.stderr.startswith("chimera: ")
    assert result.stderr.count("\n") == 1


def test_nothing_running_and_not_answering_are_told_apart() -> None:
    nothing = run("status")
    assert nothing.exit_code == 3
    assert "chimera up" in nothing.stderr
    away = run("status", url="http://127.0.0.1:9")
    assert away.exit_code == 5
    assert run("down").exit_code == 3


def test_an_approval_names_exactly_the_plan_that_was_shown(api: str) -> None:
    made = said(run("orders", "approve", "INC-1/1", "--json", url=api, token=APPROVER))
    assert made["plan_hash"] == plan().hash
    assert made["granted"] is True
    denied = run("orders", "deny", "INC-1/1", "--note", "not now", url=api, token=APPROVER)
    assert "restarts checkout" in denied.stdout
    assert "denied by ana" in denied.stdout


def test_a_pause_is_seen_until_it_is_taken_back(api: str) -> None:
    assert run("pause", "-e", "shop", "--reason", "storm", url=api).exit_code == 0
    for view in ("status", "incidents list", "incidents show INC-1", "orders show INC-1/1"):
        assert "PAUSED in shop by ola" in run(*view.split(), url=api).stdout
    assert said(run("resume", "-e", "shop", "--json", url=api)) == {}


def test_the_settings_say_where_the_api_is(api: str, tmp_path: Path) -> None:
    (tmp_path / "chimera.toml").write_text(f'[api]\nurl = "{api}"\n')
    assert run("status").exit_code == 0
    (tmp_path / "chimera.toml").write_text('[api]\nprot = "x"\n')
    wrong = run("status")
    assert wrong.exit_code == 2
    assert "line 2: api.prot is not a setting" in wrong.stderr


def test_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    port = "http://127.0.0.1:9"
    (tmp_path / "chimera.toml").write_text(
        f'[prometheus]\nurl = "{port}"\n[temporal]\naddress = "127.0.0.1:9"\n'
        f'[api]\nurl = "{port}"\nworker_metrics_port = 9\n'
        '[identity]\nsigning_key = "env:NO_SUCH_KEY"\n'
        f'[actuator]\nurl = "{port}"\ntoken = "file:nowhere"\n'
    )
    result = run("doctor", "--json")
    assert result.exit_code == 1
    states = {row["name"]: row for row in json.loads(result.stdout)}
    assert states["settings"]["state"] == "ok"
    broken = {name for name, row in states.items() if row["state"] == "misconfigured"}
    assert broken == {
        "api", "worker", "store", "temporal", "prometheus", "alertmanager", "actuator",
        "signing key",
    }  # fmt: skip
    assert states["slack"]["state"] == "missing"
    assert "NO_SUCH_KEY" in states["signing key"]["why"]
    assert all(row["why"] for row in states.values())
    (tmp_path / "chimera.toml").write_text("environment = 3\n")
    assert run("doctor").exit_code == 1


def test_people_are_added_and_a_token_is_shown_once(tmp_path: Path) -> None:
    assert "set identity.people" in missing_file(tmp_path).stderr
    file = tmp_path / "people.toml"
    (tmp_path / "chimera.toml").write_text('[identity]\npeople = "people.toml"\n')
    added = run("people", "add", "ana", "--role", "operator", "--role", "approver")
    assert added.exit_code == 0, added.output
    made = run("people", "token", "ana")
    token = made.stdout.strip()
    who = People.load(file).by_token(token)
    assert who is not None
    assert (who.id, who.roles) == ("ana", ("operator", "approver"))
    assert token not in file.read_text() + made.stderr
    again = said(run("people", "token", "ana", "--replace", "--json"))
    assert People.load(file).by_token(token) is None
    assert People.load(file).by_token(again["token"]) is not None
    (ana,) = said(run("people", "list", "--json"))
    assert (ana["id"], ana["tokens"]) == ("ana", 1)
    assert "sha256" not in run("people", "list").stdout
    for words, code, why in (
        (("token", "eve"), 3, "no person 'eve'"),
        (("add", "ana"), 2, "already"),
        (("add", "eve", "--role", "boss"), 2, "boss"),
    ):
        wrong = run("people", *words)
        assert wrong.exit_code == code
        assert why in wrong.stderr
        assert wrong.stderr.count("\n") == 1


def missing_file(folder: Path) -> Result:
    (folder / "chimera.toml").write_text("")
    result = run("people", "list")
    assert result.exit_code == 2
    return result


def test_doctor_says_what_breaks_the_people_file_and_that_the_extra_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chimera.toml").write_text('[identity]\npeople = "people.toml"\n')
    (tmp_path / "people.toml").write_text('[[person]]\nid = "a"\nrole = "x"\n')
    monkeypatch.setitem(sys.modules, "duckdb", None)
    states = {row["name"]: row for row in json.loads(run("doctor", "--json").stdout)}
    assert states["people"]["state"] == "misconfigured"
    assert "line 3: person.0.role" in states["people"]["why"]
    assert "goes on with the people it read before" in states["people"]["remedy"]
    assert states["sandbox"]["state"] == "missing"
    assert states["sandbox"]["why"].endswith("cannot run: duckdb is not installed")
    assert "chimera-aiops[sandbox]" in states["sandbox"]["remedy"]


def test_faults_are_listed_and_need_a_practice_estate() -> None:
    listed = said(run("faults", "list", "--json"))
    slow = next(fault for fault in listed if fault["name"] == "slow_release")
    assert slow["targets"]
    assert slow["magnitude"]["low"] <= 1 <= slow["magnitude"]["high"]
    assert "slow_release" in run("faults", "list").stdout
    assert "repaired by" in run("faults", "show", "slow_release").stdout
    unknown = run("faults", "inject", "gremlins")
    assert (unknown.exit_code, "slow_release" in unknown.stderr) == (3, True)
    nowhere = run("faults", "inject", "slow_release")
    assert (nowhere.exit_code, "chimera up" in nowhere.stderr) == (3, True)


def test_a_file_among_the_benches_is_a_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jumps.py").write_text("def command(high: int = 1) -> None:\n    print(high * 2)\n")
    monkeypatch.setattr(chimera.bench, "__path__", [str(tmp_path)])
    assert run("bench", "jumps", "--high", "21").stdout == "42\n"
    assert "jumps" in run("bench", "--help").stdout
    assert run("bench", "leaps").exit_code == 2


def test_help_is_there_at_once_because_nothing_heavy_is_imported() -> None:
    program = (
        "import sys\n"
        "from chimera.cli import build\n"
        "try:\n    build()(['--help'])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "heavy = {'pydantic', 'httpx', 'temporalio', 'sqlalchemy', 'fastapi', 'numpy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    assert time.perf_counter() - began < 5  # 0.15 s on an idle machine
