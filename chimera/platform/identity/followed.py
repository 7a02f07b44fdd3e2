"""The people of a file that may be edited while Chimera runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from chimera.domain import Misconfigured, Principal
from chimera.platform.identity.people import People

LOOK = 2.0  # seconds between two looks at the file
REMIND = 300.0  # seconds between two complaints about the same broken file

Stamp = tuple[int, int, int]

log = structlog.get_logger()


class FollowedPeople(People):
    """People as the file has them now, seconds after it was edited.

    A file that cannot be used changes nothing: the people read last stay, and the log says so.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises Misconfigured: at the start there is nobody else."""
        self._path, self._clock = path, clock
        self._seen = stamp(path)  # before reading: what is written meanwhile is read next time
        super().__init__(People.load(path).people)
        self._looked = clock()
        self._broken: str | None = None
        self._complained = 0.0

    def by_token(self, token: str) -> Principal | None:
        self._follow()
        return super().by_token(token)

    def by_slack(self, team: str, user: str) -> Principal:
        self._follow()
        return super().by_slack(team, user)

    def by_teams(self, tenant: str, user: str) -> Principal:
        self._follow()
        return super().by_teams(tenant, user)

    def _follow(self) -> None:
        now = self._clock()
        if now - self._looked < LOOK:
            return
        self._looked = now
        if (seen := stamp(self._path)) != self._seen:
            self._seen = seen
            try:
                self.know(People.load(self._path).people)
            except Misconfigured as error:
                self._broken, self._complained = str(error), now - REMIND
            else:
                self._broken = None
                log.info("people were read again", file=str(self._path), people=len(self.people))
        if self._broken and now - self._complained >= REMIND:
            self._complained = now
            log.error(
                "the people file cannot be used: those read before go on, and nothing that was "
                "changed since holds; correct the file",
                file=str(self._path),
                why=self._broken,
                people=len(self.people),
            )


def stamp(path: Path) -> Stamp | None:
    """What an edit changes: time, size, and the file itself where it was replaced."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
