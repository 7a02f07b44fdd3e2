"""An answer's words while a model writes them, for whoever shows them before they are all there."""

from __future__ import annotations

from collections.abc import Callable

from chimera.platform.governance.outbound import Outbound

HELD = 200  # characters at the end that wait: what is half written cannot be told from a secret


class Words:
    """What is written in each thread just now, as far as it may be seen."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._said: dict[str, str] = {}

    def hearing(self, thread: str) -> Callable[[str], None]:
        """What a model's `hear` is to be for a thread: it is given all words so far."""

        def hear(text: str) -> None:
            if thread in self._said:
                self._said[thread] = text

        return hear

    def listen(self, thread: str) -> None:
        """From now on keep what is written there."""
        self._said[thread] = ""

    def forget(self, thread: str) -> None:
        self._said.pop(thread, None)

    def so_far(self, thread: str) -> str:
        """Whole words without secrets and foreign links; the newest are held back."""
        text = self._said.get(thread, "")
        seen = text[: max(len(text) - HELD, 0)]
        return self._outbound.words(seen.rpartition(" ")[0])
