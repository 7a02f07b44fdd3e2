"""Free ports on localhost, handed out to one process at a time.

They come from below the kernel's range for outgoing connections, so that a client's socket cannot
take one between our look and the server's bind. A port handed out is left alone by others for a
minute, which is what a server needs to bind it.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import socket
import tempfile
import time
from pathlib import Path

from chimera.domain.errors import Unavailable

RANGE = range(15_000, 32_000)
HELD_SECONDS = 60.0


def is_free(port: int) -> bool:
    """Whether a server could listen on that port now, on localhost and on every address."""
    for address in ("127.0.0.1", "0.0.0.0"):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def free_ports(count: int) -> list[int]:
    """That many distinct free ports, not handed out to anybody else in the last minute."""
    ledger = Path(tempfile.gettempdir()) / f"chimera-ports-{os.getuid()}.json"
    with ledger.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        now = time.time()
        try:
            held = {int(port): at for port, at in json.loads(file.read() or "{}").items()}
        except ValueError:  # a machine that stopped while it was written
            held = {}
        held = {port: at for port, at in held.items() if now - at < HELD_SECONDS}
        chosen: list[int] = []
        for port in random.sample(RANGE, len(RANGE)):
            if len(chosen) == count:
                break
            if port not in held and is_free(port):
                chosen.append(port)
        if len(chosen) < count:
            raise Unavailable("this machine", f"give {count} free ports between 15000 and 32000")
        file.seek(0)
        file.truncate()
        json.dump(held | dict.fromkeys(chosen, now), file)
    return chosen
