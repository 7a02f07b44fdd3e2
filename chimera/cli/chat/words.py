"""The words of an answer while a model makes them; wiped when the answer itself is there."""

from __future__ import annotations

import sys
from typing import Any

from chimera.cli.base.output import CONTROL
from chimera.platform.governance.outbound import Outbound

LINES = 12  # of the newest words


class Words:
    """Shows them on a terminal only; a pipe gets the answer and nothing else."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._live: Any = None

    def hear(self, text: str) -> None:
        """All words so far. They pass what answers pass."""
        if not sys.stdout.isatty():
            return
        from rich.live import Live
        from rich.text import Text

        if self._live is None:
            self._live = Live(transient=True, auto_refresh=False)
            self._live.start()
        lines = CONTROL.sub("", self._outbound.words(text)).splitlines()
        self._live.update(Text("\n".join(lines[-LINES:]), style="dim"), refresh=True)

    def wipe(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
