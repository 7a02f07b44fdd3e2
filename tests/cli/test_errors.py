"""What is given wrong is told in one line, by who noticed, with the exit code of its kind."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chimera.cli import build

BEGAN = 1_700_000_000


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), list(words), env={"CHIMERA_TOKEN": "t"})


def complaint(result: Result, code: int) -> str:
    """The one line on standard error."""
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("chimera: ")
    assert result.stderr.count("\n") == 1
    assert "unexpectedly" not in result.stderr
    return result.stderr


def table(path: Path) -> Path:
    rows = [f"{BEGAN + 60 * i},{1 + i % 3},{2 + i % 2}" for i in range(12)]
    path.write_text("\n".join(["time,a__cpu,b__cpu", *rows]) + "\n")
    return path


SECRET = "root:x:0:0:a secret of others"


@pytest.mark.parametrize("name", ["../../secret.csv", "/etc/passwd", "x/../../../secret.csv"])
@pytest.mark.parametrize("key", ["normal", "abnormal", "graph"])
def test_a_case_reads_nothing_outside_its_system(tmp_path: Path, key: str, name: str) -> None:
    (tmp_path / "secret.csv").write_text(SECRET)
    folder = tmp_path / "system" / "case"
    folder.mkdir(parents=True)
    table(folder / "usual.csv")
    about = {"inject_time": BEGAN + 300, "normal": "usual.csv", "abnormal": "usual.csv", key: name}
    (folder / "case.json").write_text(json.dumps(about))
    for words in (("diagnose", str(folder)), ("bench", "rca", str(tmp_path))):
        said = complaint(run(*words), 2)
        assert "outside its system" in said
        assert "secret of others" not in said


def test_nothing_of_a_file_that_is_no_table_is_repeated(tmp_path: Path) -> None:
    file = table(tmp_path / "secret.csv")
    file.write_text(file.read_text() + f"{BEGAN},{SECRET},2\n")
    said = complaint(run("diagnose", str(file), "--onset", str(BEGAN + 300)), 2)
    assert "row 14, column 2 is no number" in said
    assert "secret of others" not in said


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ("[1]", "no object"),
        ("{", "no JSON"),
        ("{}", "inject_time and normal are missing"),
        ('{"inject_time": "noon", "normal": "n.csv"}', "inject_time is no number"),
        ('{"inject_time": 1, "normal": ["n.csv"]}', "normal is no file's name"),
        ('{"inject_time": 1, "normal": "n.csv", "target": "x"}', "target is no object"),
        ('{"inject_time": 1, "normal": "n.csv", "changes": [{"what": 1}]}', "changes is no list"),
    ],
)
def test_a_case_that_is_none_says_what_it_lacks(tmp_path: Path, about: str, why: str) -> None:
    (tmp_path / "case.json").write_text(about)
    assert why in complaint(run("diagnose", str(tmp_path)), 2)


@pytest.mark.parametrize(
    "words",
    [
        ("diagnose", "nowhere"),
        ("diagnose", "nowhere.csv", "--onset", "5"),
        ("diagnose", "here.csv", "--onset", str(BEGAN + 300), "--graph", "nowhere"),
        ("diagnose", "here.csv", "--onset", str(BEGAN + 300), "--traces", "nowhere"),
        ("diagnose", "here.csv", "--onset", str(BEGAN + 300), "--traces", "nowhere.parquet"),
        ("detect", "nowhere"),
        ("eval", "nowhere"),
        ("audit", "verify", "nowhere"),
        ("bench", "rca", "nowhere"),
        ("bench", "nab", "nowhere"),
        ("bench", "forecast", "nowhere"),
        ("bench", "injection", "--texts", "nowhere"),
        ("chat", "hello", "--data", "nowhere"),
        *((*words, "--config", "nowhere") for words in (("worker",), ("api",), ("backtest",))),
        *((*words, "--config", "nowhere") for words in (("people", "list"), ("slo", "list"))),
    ],
)
def test_a_file_that_is_not_there_is_not_found_wherever_it_is_named(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    table(tmp_path / "here.csv")  # the folder that tests run in
    assert "nowhere" in complaint(run(*words), 3)


@pytest.mark.parametrize(
    "words",
    [
        ("diagnose", "here.csv", "--onset", str(BEGAN + 300), "--html"),
        ("diagnose", "here.csv", "--onset", str(BEGAN + 300), "--output"),
        ("detect", "here.csv", "--output"),
        ("detect", "here.csv", "--picture"),
        ("trust", "report", "--html"),
        ("slo", "rules", "--out"),
        ("audit", "export", "--out"),
        ("eval", "here.csv", "--output"),
        ("bench", "rca", ".", "--json"),
        ("bench", "rca", ".", "--rankings"),
        ("bench", "estate", "--json"),
    ],
)
@pytest.mark.parametrize("place", ["no/such/page", "."])
def test_a_place_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, words: tuple[str, ...], place: str
) -> None:
    table(tmp_path / "here.csv")
    assert words[-1] in complaint(run(*words, place), 2)


@pytest.mark.parametrize(
    "url", ["htp:/x", "http://", "nohost", "http://127.0.0.1:99999", "http://x:port", "http://a b"]
)
@pytest.mark.parametrize(
    "words",
    [("status", "--url"), ("init", "--prometheus"), ("detect", "--query", "up", "--prometheus")],
)
def test_an_address_that_is_none_is_told_before_anybody_is_asked(
    words: tuple[str, ...], url: str
) -> None:
    assert "write it like http://host:8300" in complaint(run(*words, url), 2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[prometheus]\nscrape_interval = 1e308\n", "line 2: prometheus.scrape_interval"),
        ("[prometheus]\nscrape_interval = inf\n", "line 2: prometheus.scrape_interval"),
        ("[prometheus]\nscrape_interval = -5\n", "line 2: prometheus.scrape_interval"),
        ("[prometheus]\nurl = 'htp:/x'\n", "is no http or https address"),
        ("[api]\nport = 70000\n", "line 2: api.port"),
        ("[api]\nworker_metrics_port = 0\n", "line 2: api.worker_metrics_port"),
        ("[temporal]\naddress = 'http://t:7233'\n", "is no HOST:PORT"),
        ("[store]\nurl = 'mysql://me:hidden@db/x'\n", "mysql:// is no database"),
        ("[store]\nurl = 'postgresql://me:hidden@db/x'\n", "write postgresql+asyncpg://"),
        ("[page]\nurl = 'http://me:hidden@'\n", "names no host"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_line_and_without_its_secrets(
    tmp_path: Path, text: str, why: str
) -> None:
    (tmp_path / "chimera.toml").write_text(text)
    said = complaint(run("worker"), 2)
    assert why in said
    assert "hidden" not in said


@pytest.mark.parametrize("command", ["worker", "api"])
def test_without_temporal_it_ends_with_one_sentence(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        (tmp_path / "key").write_text("a signing key of thirty-two bytes")
        (tmp_path / "chimera.toml").write_text(
            f'[temporal]\naddress = "{address}"\n[identity]\nsigning_key = "file:key"\n'
        )
        # A process of its own: it sets up logging and traces for good.
        program = [sys.executable, "-c", "from chimera.main import main; main()", command]
        ended = subprocess.run(program, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 5
    assert ended.stderr == (
        f"chimera: Temporal at {address} could not be reached: Connection refused; start it, or "
        "correct temporal.address\n"
    )


def test_json_is_a_flag_and_output_a_file_and_the_old_spelling_still_works(tmp_path: Path) -> None:
    table(tmp_path / "here.csv")
    printed = json.loads(run("detect", "here.csv", "--json").stdout)
    assert json.loads(run("detect", "here.csv", "--json", "-").stdout) == printed
    assert json.loads(run("detect", "--json", "here.csv").stdout) == printed
    spellings: list[Callable[[str], list[str]]] = [
        lambda name: ["--output", name],
        lambda name: ["-o", name],
        lambda name: ["--json", name],
        lambda name: [f"--json={name}"],
    ]
    for number, spelt in enumerate(spellings):
        name = f"found{number}.json"
        shown = run("detect", "here.csv", *spelt(name))
        assert "No anomaly" in shown.stdout
        assert json.loads((tmp_path / name).read_text()) == printed
