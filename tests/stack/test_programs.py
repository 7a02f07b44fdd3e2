"""The ways to come by a program, against a server of releases on this machine."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from chimera.sandbox.programs import ProgramMissing, debian, download, prometheus, temporal
from chimera.sandbox.programs.base import cache_folder, locked, silent
from chimera.sandbox.programs.golang import build

SCRIPT = b"#!/bin/sh\necho program version 9.9.9\n"


def archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
async def releases() -> AsyncIterator[str]:
    """A server of releases: one good, one whose sums do not match."""
    packed = archive({"prog-1/prog": SCRIPT, "prog-1/tool": SCRIPT, "temporal": SCRIPT})

    async def about(request: web.Request) -> web.Response:
        where = str(request.url.origin() / "good" / "prog-1.tar.gz")
        return web.json_response({"archiveUrl": where, "fileToExtract": "temporal"})

    async def sums(request: web.Request) -> web.Response:
        good = request.match_info["kind"] == "good"
        digest = hashlib.sha256(packed if good else b"other").hexdigest()
        return web.Response(text=f"{digest}  prog-1.tar.gz\n")

    async def fetch(_: web.Request) -> web.Response:
        return web.Response(body=packed)

    app = web.Application()
    app.router.add_get("/about", about)
    app.router.add_get("/{kind}/sha256sums.txt", sums)
    app.router.add_get("/{kind}/prog-1.tar.gz", fetch)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with an empty PATH and cache."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


async def test_a_release_is_unpacked_and_runs(releases: str, tmp_path: Path) -> None:
    url = f"{releases}/good/prog-1.tar.gz"
    assert await download.fetch_release(url, ("prog", "tool"), tmp_path / "kept", silent) is None
    process = await asyncio.create_subprocess_exec(tmp_path / "kept" / "prog", stdout=-1)
    assert b"9.9.9" in (await process.communicate())[0]


async def test_a_release_that_does_not_match_its_sums_is_refused(
    releases: str, tmp_path: Path
) -> None:
    url = f"{releases}/tampered/prog-1.tar.gz"
    reason = await download.fetch_release(url, ("prog",), tmp_path / "kept", silent)
    assert reason is not None
    assert "does not match" in reason
    assert not (tmp_path / "kept" / "prog").exists()


async def test_the_temporal_command_comes_from_where_its_releases_say(
    releases: str, tmp_path: Path
) -> None:
    found = await download.fetch_temporal_cli(tmp_path, silent, f"{releases}/about")
    assert found == tmp_path / "temporal"
    assert os.access(tmp_path / "temporal", os.X_OK)


@pytest.mark.usefixtures("nothing_here")
async def test_a_program_on_path_comes_first(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    own = tmp_path / "bin" / "prometheus"
    own.write_bytes(SCRIPT)
    own.chmod(0o755)
    found = await prometheus.find(prometheus.PROMETHEUS, silent)
    assert (found.path, found.version, found.how) == (own, "9.9.9", "on PATH")


@pytest.mark.usefixtures("nothing_here")
async def test_what_was_built_is_taken_from_the_cache() -> None:
    built = temporal.built_path()
    assert cache_folder() in built.parents
    built.parent.mkdir(parents=True)
    built.write_bytes(SCRIPT)
    found = await temporal.find(silent)
    assert (found.path, found.how) == (built, "built earlier")


@pytest.mark.usefixtures("nothing_here")
async def test_a_program_that_cannot_be_had_is_one_error_with_every_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.5)  # whatever this machine may reach
    release = prometheus.Release("nosuch", "tool", "1", "chimera-nosuch", "CHIMERA_NOSUCH_URL")
    with pytest.raises(ProgramMissing) as raised:
        await prometheus.find(release, silent)
    said = str(raised.value)
    for way in (
        "PATH: no `nosuch`",
        "cache: no ",
        "download: ",
        "Debian package",
        "CHIMERA_NOSUCH",
    ):
        assert way in said


@pytest.mark.usefixtures("nothing_here")
async def test_a_build_without_a_module_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    reason = await build("module.invalid/nosuch@v1.0.0", tmp_path / "kept" / "prog", silent)
    assert reason is not None
    assert reason.startswith("build: ")
    assert not (tmp_path / "kept" / "prog").exists()


async def test_only_one_process_holds_a_lock(tmp_path: Path) -> None:
    order: list[str] = []

    async def second() -> None:
        async with locked(tmp_path / "lock"):
            order.append("second")

    async with locked(tmp_path / "lock"):
        waiting = asyncio.create_task(second())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.2)
        order.append("first")
    await waiting
    assert order == ["first", "second"]


def test_a_compiled_in_path_is_replaced_by_one_of_the_same_length(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"\0\1" + debian.COMPILED_IN + b"web\0rest")
    size = program.stat().st_size
    debian.relocate(program)
    assert program.read_bytes() == b"\0\1" + debian.RELOCATED + b"web\0rest"
    assert program.stat().st_size == size
