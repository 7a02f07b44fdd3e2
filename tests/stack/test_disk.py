"""Logs stay short while they are written, and a full disk is one clear error."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chimera.sandbox.stack import Stack, StartFailed, is_running, logs
from chimera.sandbox.stack.child import Child
from chimera.sandbox.stack.homes import prepare_home
from chimera.sandbox.stack.service import Service

LIMIT = 50_000
TALKER = """
import itertools, sys, time
for number in itertools.count():
    print(f"line {number:08d} " + "x" * 80, flush=True)
    if number % 20 == 0:
        time.sleep(0.005)
"""


async def until(condition: Callable[[], bool], timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        await asyncio.sleep(0.01)


async def at_once() -> bool:
    return True


def numbers(log: Path) -> list[int]:
    """The lines of a file by number, the first and the last maybe cut."""
    return [int(line.split()[1]) for line in log.read_text().splitlines()[1:-1]]


async def test_a_log_that_grows_is_cut_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "talker.log"
    older = [tmp_path / f"talker.log.{number}" for number in (1, 2, 3)]
    child = Child(Service("talker", (sys.executable, "-c", TALKER), at_once), log, print)
    await child.start()
    short = asyncio.create_task(logs.keep_short([log], LIMIT, 0.02))
    cuts: list[int] = []

    def cut() -> bool:
        if older[0].exists() and (found := numbers(older[0])) and found[0] not in cuts:
            cuts.append(found[0])
        return len(cuts) >= 4

    pid = child.pid
    try:
        await until(cut)
        newest = cuts[-1]
        await until(lambda: bool(numbers(log)) and numbers(log)[-1] > newest)
        assert b"\0" not in log.read_bytes()  # its writer appends: no hole where the lines were
        assert (child.pid, child.restarts) == (pid, 0)
        assert cuts == sorted(cuts)
    finally:
        short.cancel()
        await child.stop()
    await until(lambda: older[0].stat().st_size > LIMIT)
    kept = numbers(older[0])
    assert kept == list(range(kept[0], kept[-1] + 1))  # whole, in order
    # Each start puts the file aside; no more than so many are kept.
    for _ in range(3):
        await child.start()
        await until(lambda: log.stat().st_size > 0)
        await child.stop()
    assert [file.exists() for file in older] == [True] * logs.KEPT + [False]


def test_on_a_full_disk_a_long_log_is_emptied_all_the_same(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_bytes(b"x" * LIMIT)
    (tmp_path / "long.log.1").symlink_to("/dev/full")  # where nothing can be put aside
    assert logs.shorten(log, LIMIT - 1)
    assert log.stat().st_size == 0
    assert not (tmp_path / "long.log.1").is_symlink()


async def test_a_disk_that_is_full_at_the_start_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "prometheus").mkdir()
    (tmp_path / "prometheus" / "prometheus.yml").symlink_to("/dev/full")
    stack = Stack(tmp_path, light=True, with_estate=False, with_chimera=False)
    with pytest.raises(StartFailed) as raised:
        await stack.start()
    assert str(raised.value) == (
        f"the disk of {tmp_path} is full; make room, or name another folder in CHIMERA_HOME"
    )
    assert not is_running(tmp_path)
    assert stack.services == {}


def test_too_little_room_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(
        StartFailed, match=r"has \d+ MB left and the stack needs 9536743; make room"
    ):
        prepare_home(tmp_path, needed=10**13)
    (tmp_path / "file").touch()
    with pytest.raises(StartFailed, match=r"cannot use .*file/home \(.*Not a directory\); name"):
        prepare_home(tmp_path / "file" / "home")


async def test_a_service_that_finds_the_disk_full_says_so_in_its_own_words(
    tmp_path: Path,
) -> None:
    code = "open('/dev/full', 'w').write('x' * 100_000)"

    async def never() -> bool:
        return False

    child = Child(Service("writer", (sys.executable, "-c", code), never), tmp_path / "log", print)
    with pytest.raises(StartFailed, match=r"writer ended with 1 .*The disk is full: make room"):
        await child.start()


async def test_a_service_is_started_again_once_there_is_room_for_its_log(tmp_path: Path) -> None:
    said: list[str] = []
    folder = tmp_path / "logs"
    folder.mkdir()
    command = (sys.executable, "-c", "import time; time.sleep(600)")
    child = Child(Service("sleeper", command, at_once), folder / "sleeper.log", said.append)
    await child.start()
    try:
        folder.rename(tmp_path / "away")  # no log can be opened, as without room
        child.kill()
        await until(lambda: any("could not be started: No such file" in line for line in said))
        (tmp_path / "away").rename(folder)
        await until(lambda: child.state == "ready" and child.pid is not None)
        assert "is back" in said[-1]
    finally:
        await child.stop()
