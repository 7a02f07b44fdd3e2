"""One real Temporal server for all the test processes of a session.

Every process that uses it holds a shared lock on one file. The keeper, which is this file run by
the first of them, waits for the exclusive lock: it gets it when the last user has ended, however it
ended, and then stops the server.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chimera.sandbox.programs import temporal as program
from chimera.sandbox.programs.base import Program
from chimera.sandbox.stack import leash, temporal
from chimera.sandbox.stack.ports import free_ports

START_SECONDS = 60.0


@contextmanager
def shared_server(folder: Path) -> Iterator[str]:
    """The address of the session's server, started unless another process did; held while used."""
    folder.mkdir(parents=True, exist_ok=True)
    # Building takes minutes: before any lock that others wait for with a deadline.
    found = asyncio.run(program.find(lambda line: print(line, file=sys.stderr, flush=True)))
    with (folder / "users.lock").open("a") as users, (folder / "start.lock").open("a") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        state = folder / "address"
        if not state.exists():
            keeper = [sys.executable, __file__, str(folder), str(found.path), found.version]
            with (folder / "keeper.log").open("a") as log:
                subprocess.Popen(
                    keeper, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            deadline = time.monotonic() + START_SECONDS
            while not state.exists():
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no Temporal server: {(folder / 'keeper.log').read_text()}")
                time.sleep(0.05)
        fcntl.flock(start, fcntl.LOCK_UN)
        yield json.loads(state.read_text())["address"]


def keep(folder: Path, found: Program) -> None:
    """Run the server until nobody uses it."""
    for _ in range(3):  # a port may be taken between the look and the bind
        ports = free_ports(temporal.PORTS)
        command = temporal.command(found, folder / "temporal", ports)
        server = subprocess.Popen([*leash.leashed(), *command], stdin=subprocess.DEVNULL)
        try:
            asyncio.run(temporal.ready(f"127.0.0.1:{ports[0]}", timeout=START_SECONDS / 3))
            break
        except TimeoutError:
            server.kill()
            server.wait()
    else:
        raise SystemExit("the Temporal server did not start")
    address = {"address": f"127.0.0.1:{ports[0]}", "pid": server.pid}
    partial = folder / "address.partial"
    partial.write_text(json.dumps(address))
    partial.rename(folder / "address")
    with (folder / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        (folder / "address").unlink()
        server.send_signal(signal.SIGKILL)  # its data is the session's: nothing to save
        server.wait()


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Program(Path(sys.argv[2]), sys.argv[3], "found before"))
