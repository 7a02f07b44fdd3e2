"""Run a command that dies with its parent, whatever kills the parent.

Run by path, with `python -I -S leash.py PARENT SIGNAL UID GID COMMAND...`: it imports nothing of
ours, so that it costs milliseconds. UID -1 keeps the user. The kernel forgets the death signal when
a process changes its user, so the user is changed first; and a parent that died before the signal
was set is noticed by its number. A session of its own keeps the terminal's Ctrl-C away.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import NamedTuple

PR_SET_PDEATHSIG = 1


class Account(NamedTuple):
    """The user a program runs as; -1 keeps the caller's."""

    uid: int = -1
    gid: int = -1


OURS = Account()


def leashed(account: Account = OURS, death_signal: int = 9) -> list[str]:
    """What to put before a command so that it runs as `account` and dies with this process."""
    numbers = (os.getpid(), int(death_signal), account.uid, account.gid)
    return [sys.executable, "-I", "-S", __file__, *map(str, numbers)]


def main(arguments: list[str]) -> None:
    parent, death_signal, user, group = (int(word) for word in arguments[:4])
    command = arguments[4:]
    if os.getpid() != os.getsid(0):
        os.setsid()
    if user >= 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl could not set the parent's death signal")
    if os.getppid() != parent:
        raise SystemExit(f"the parent {parent} is gone; {command[0]} was not started")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
