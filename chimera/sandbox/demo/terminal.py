"""A program in a terminal of its own, typed at as a person does."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x07|\r")
WIDTH = "110"


class Terminal:
    """Starts a program that asks for lines with `prompt`; `type` gives it one."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        prompt: str = "> ",
        patience: float = 120.0,
    ) -> None:
        self._command, self._prompt, self._patience = command, prompt, patience
        self._env = {**env, "TERM": "dumb", "COLUMNS": WIDTH}

    def __enter__(self) -> Self:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            self._command, stdin=theirs, stdout=theirs, stderr=theirs, env=self._env,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()
        os.close(self._ours)

    def until_prompt(self) -> str:
        """What it writes before it asks for a line. Raises TimeoutError, or EOFError if it ends."""
        said, end = "", time.monotonic() + self._patience
        while not said.endswith("\n" + self._prompt) and said != self._prompt:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._ours], [], [], left)[0]:
                raise TimeoutError(f"{self._command[-1]} did not ask for a line; it wrote {said!r}")
            try:
                more = os.read(self._ours, 65536)
            except OSError:  # Linux' way of saying that nobody holds the other end
                more = b""
            if not more:
                raise EOFError(f"{self._command[-1]} ended; it wrote {said!r}")
            said = CONTROL.sub("", said + more.decode(errors="replace"))
        return said.removesuffix(self._prompt)

    def type(self, line: str) -> str:
        """Its answer to a line, without the echo of it."""
        os.write(self._ours, f"{line}\n".encode())
        return self.until_prompt().partition("\n")[2]
