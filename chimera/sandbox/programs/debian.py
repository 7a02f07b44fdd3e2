"""Debian packages, unpacked into the cache: no root, no installed state, no service started.

Some programs look for their files under a path that was compiled in. It is replaced in the unpacked
program by one of the same length that leads through the folder the program is run in; `link_assets`
puts there what it looks for.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chimera.sandbox.programs.base import Say, cache_folder, locked, on_path, output_of

COMPILED_IN = b"/usr/share/prometheus/"
RELOCATED = b"/proc/self/cwd/assets/"

LISTS_LAST = 24 * 3600.0
"""Seconds after which the list of packages is fetched again."""


def unpacked(package: str) -> Path:
    """The folder a package is unpacked into: it has a `usr` like the machine's own."""
    return cache_folder() / "debian" / package


async def unpack(package: str, say: Say, *, beside: Sequence[str] = ()) -> str | None:
    """Fetch a package, and others it needs, into one folder; None, or why it could not be had."""
    for tool in ("apt-get", "dpkg-deb"):
        if on_path(tool) is None:
            return f"Debian package {package}: no `{tool}` on PATH"
    target = unpacked(package)
    async with locked(target.parent / "unpack.lock"):
        if target.exists():
            return None
        apt = _apt(target.parent / "apt")
        lists = target.parent / "apt" / "lists.fetched"
        if not lists.exists() or time.time() - lists.stat().st_mtime > LISTS_LAST:
            say("fetching the list of Debian packages (private to Chimera's cache)")
            code, wrote = await output_of([*apt, "update"], timeout=180)
            if code:
                return (
                    f"Debian package {package}: `apt-get update` ended with {code}: {tail(wrote)}"
                )
            lists.touch()
        say(f"unpacking Debian's {package} into {target}")
        with tempfile.TemporaryDirectory(dir=target.parent) as bench:
            # A `cd` of the child's own: apt-get writes the package where it stands.
            fetch = ["sh", "-c", 'cd "$0" && exec "$@"', bench, *apt, "download", package, *beside]
            code, wrote = await output_of(fetch, timeout=300)
            archives = list(Path(bench).glob("*.deb"))  # noqa: ASYNC240
            if code or not archives:
                return f"Debian package {package}: the download ended with {code}: {tail(wrote)}"
            tree = Path(bench) / "tree"
            for archive in archives:
                code, wrote = await output_of(["dpkg-deb", "-x", archive, tree], timeout=120)
                if code:
                    return f"Debian package {package}: unpacking ended with {code}: {tail(wrote)}"
            relocate(tree / "usr" / "bin" / package)
            os.replace(tree, target)
    return None


def relocate(program: Path) -> None:
    """Let a program look for its files below the folder it is run in."""
    content = program.read_bytes()
    if COMPILED_IN in content:
        program.write_bytes(content.replace(COMPILED_IN, RELOCATED))


def link_assets(program: Path, folder: Path) -> None:
    """Put the files of a relocated program where it will look for them when run in `folder`."""
    assets = program.resolve().parent.parent / "share" / "prometheus"
    link = folder / "assets"
    link.unlink(missing_ok=True)
    if assets.is_dir():
        link.symlink_to(assets)


def tail(text: str) -> str:
    """The last words of a long output, on one line."""
    return " ".join(text.split())[-300:]


def _apt(state: Path) -> Sequence[str]:
    """apt-get with its whole state in a folder of ours, so that it needs no root."""
    for folder in ("lists/partial", "cache/archives/partial", "state"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    user = "root" if os.getuid() == 0 else ""
    options = {
        "Dir::State": state / "state",
        "Dir::State::lists": state / "lists",
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": user,
        "Debug::NoLocking": "1",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "20",
    }
    apt = shutil.which("apt-get") or "apt-get"
    return [
        apt,
        "-q",
        *(word for name, value in options.items() for word in ("-o", f"{name}={value}")),
    ]
