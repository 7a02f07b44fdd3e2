"""Postgres for the stack: its data folder, its roles and databases, its command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

import asyncpg

from chimera.sandbox.programs.base import Program, Say
from chimera.sandbox.programs.postgres import account, open_to_all
from chimera.sandbox.stack import leash
from chimera.sandbox.stack.layout import Layout
from chimera.sandbox.stack.leash import Account
from chimera.sandbox.stack.secrets import write_private
from chimera.sandbox.stack.service import Service, StartFailed

DATABASES = ("chimera", "panther")
"""Each owned by a role of its own name: Chimera's rows, and the practice company's."""

SHELTER = "chimera-postgres-data-"

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "32MB",
    "logging_collector": "off",
    "log_min_messages": "warning",
}


def data_folder(home: Path) -> Path:
    """A data folder its user can reach, reached through `<home>/postgres` at each start.

    As root Postgres runs as `nobody`; where that user cannot pass the folders above the home, the
    data lies in a private folder under the system's folder for temporary files that survive a boot.
    """
    link, user = home / "postgres", account()
    if user.uid < 0 or open_to_all(home):
        link.mkdir(mode=0o700, exist_ok=True)
        _give(link, user)
        return link
    if not link.exists():
        link.unlink(missing_ok=True)  # what it led to was cleaned away
        shelter = "/var/tmp" if os.path.isdir("/var/tmp") else tempfile.gettempdir()
        _clear_away(Path(shelter))
        place = Path(tempfile.mkdtemp(prefix=SHELTER, dir=shelter))
        _give(place, user)
        link.symlink_to(place)
        (place / "home").write_text(str(link.absolute()))
    return link.resolve()


def _clear_away(shelter: Path) -> None:
    """Remove the data of stacks whose homes are gone."""
    for place in shelter.glob(f"{SHELTER}*"):
        with contextlib.suppress(OSError):
            if Path((place / "home").read_text()).resolve() != place.resolve():
                shutil.rmtree(place)


def _give(folder: Path, user: Account) -> None:
    if user.uid >= 0:
        os.chown(folder, user.uid, user.gid)


async def prepare(program: Program, layout: Layout, say: Say) -> Path:
    """Make the data folder at the first start; the folder.

    Raises:
        StartFailed: initdb failed, or another version of Postgres made the folder.
    """
    base, user = data_folder(layout.home), account()
    data = base / "data"
    password = layout.secrets["postgres"]
    write_private(layout.passfile, f"127.0.0.1:*:*:*:{password}\n")
    major = program.version.partition(".")[0]
    if (data / "PG_VERSION").exists():
        made_by = (data / "PG_VERSION").read_text().strip()
        if made_by != major:
            raise StartFailed(
                f"Postgres {program.version} cannot use {data}, made by version {made_by}. "
                f"Remove {base} to start afresh, or put Postgres {made_by} on PATH."
            )
        return data
    say("postgres: making its data folder")
    if data.exists():
        shutil.rmtree(data)  # a first start that was interrupted
    word = base / "password"
    write_private(word, password)
    _give(word, user)
    command = (str(program.path.with_name("initdb")), "-D", str(data), "-U", "postgres")
    manner = ("--auth=scram-sha-256", f"--pwfile={word}", "-E", "UTF8", "--locale=C", "-N")
    try:
        process = await asyncio.create_subprocess_exec(
            *leash.leashed(user, signal.SIGKILL),
            *command,
            *manner,
            cwd=base,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        wrote, _ = await process.communicate()
    finally:
        word.unlink()
    if process.returncode:
        raise StartFailed(
            f"Postgres could not make its data folder {data}: initdb ended with "
            f"{process.returncode}: {wrote.decode(errors='replace').strip()[-500:]}"
        )
    return data


def service(program: Program, data: Path, layout: Layout) -> Service:
    """Postgres on localhost; ready when its databases are there."""
    port = layout.ports["postgres"]
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]

    async def ready() -> bool:
        try:
            await make_databases(port, layout.secrets["postgres"])
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        return True

    return Service(
        name="postgres",
        command=(str(program.path), "-D", str(data), "-p", str(port), *options),
        ready=ready,
        folder=data,
        account=account(),
        stop_signal=signal.SIGINT,  # its "fast" shutdown: clients are cut off, data is safe
        death_signal=signal.SIGINT,
        start_timeout=60,
        stop_timeout=8,
    )


async def make_databases(port: int, password: str) -> None:
    """Make the roles and databases that are not there yet."""
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=port,
        user="postgres",
        password=password,
        database="postgres",
        timeout=5,
    )
    try:
        for name in DATABASES:
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", name):
                # token_urlsafe: no character of it needs quoting
                await connection.execute(f"create role {name} login password '{password}'")
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                await connection.execute(f"create database {name} owner {name}")
    finally:
        await connection.close()
