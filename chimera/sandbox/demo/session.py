"""Records a person at a terminal: from "is anything wrong?" to a repair that they approved.

`python -m chimera.sandbox.demo.session [--readme README.md]` starts the practice company with
Chimera trusted to ask, breaks it, types into `chimera chat`, and writes down what is answered.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from chimera.platform.store import OrderRecord
from chimera.sandbox.demo.show import HISTORY, WARM_UP
from chimera.sandbox.demo.story import warmed_up
from chimera.sandbox.demo.terminal import Terminal
from chimera.sandbox.demo.witness import Witness
from chimera.sandbox.stack.homes import home_for
from chimera.sandbox.stack.services import COMMAND
from chimera.sandbox.stack.stack import Stack

FAULT, TARGET = "slow_release", "orders"
PATIENCE = 300.0  # seconds for each thing that is waited for
LINES, WIDE = 12, 116  # of an answer; what is beyond is left out and marked
BLOCK = re.compile(r"(<!-- session[^>]*-->\n```text\n).*?(```\n)", re.S)
Found = TypeVar("Found")


async def record(home: Path, light: bool) -> str:
    """The session as text."""
    stack = Stack(home, light, history=HISTORY, trust="ask")
    state = await stack.start(note)
    witness = Witness(state)
    env = {**os.environ, "CHIMERA_HOME": str(home)}
    try:
        await warmed_up(witness, WARM_UP, note, timedelta(minutes=8))
        with Terminal([sys.executable, "-c", COMMAND, "chat"], env) as chat:
            said = [f"$ chimera chat\n{await asyncio.to_thread(chat.until_prompt)}"]
            began = datetime.now(UTC)

            async def ask(line: str) -> None:
                note(f"> {line}")
                said.append(f"> {line}\n{shortened(await asyncio.to_thread(chat.type, line))}")

            inject = ["faults", "inject", FAULT, "--target", TARGET]
            told = await asyncio.to_thread(chimera, inject, env)
            said.append(f"[in another terminal]\n$ chimera {' '.join(inject)}\n{shortened(told)}")

            async def waiting() -> OrderRecord | None:
                of = [await witness.orders(one.id) for one in await witness.incidents(began)]
                found = (r for orders in of for r in orders if r.state == "waiting")
                return next(found, None)

            order, after = await until("an order that waits for a person", waiting)
            said.append(f"[{after:.0f} s later]\n")
            await ask("is anything wrong?")
            await ask(f"why is {order.order.incident} open?")
            await ask(f"approve {order.order.id}")
            await ask("yes")

            async def ended() -> OrderRecord | None:
                orders = await witness.orders(order.order.incident)
                return next((r for r in orders if r.order.id == order.order.id and r.outcome), None)

            _, after = await until(f"the end of order {order.order.id}", ended)
            said.append(f"[{after:.0f} s later]\n")
            await ask(f"show order {order.order.id}")

            async def healthy() -> bool:
                return all(i.phase.value == "resolved" for i in await witness.incidents(began))

            _, after = await until("the end of the incident", healthy)
            said.append(f"[{after:.0f} s later]\n")
            await ask("is anything wrong?")
    finally:
        await witness.close()
        await stack.stop()
    return "\n".join(said)


def chimera(arguments: list[str], env: dict[str, str]) -> str:
    """What the command says. Raises CalledProcessError."""
    command = [sys.executable, "-c", COMMAND, *arguments]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


async def until(what: str, look: Callable[[], Awaitable[Found | None]]) -> tuple[Found, float]:
    """What a look finds, and the seconds until then. Raises TimeoutError."""
    note(f"waiting for {what}")
    began = time.monotonic()
    while not (found := await look()):
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(f"{what} did not come within {PATIENCE:g} s")
        await asyncio.sleep(0.5)
    return found, time.monotonic() - began


def shortened(answer: str) -> str:
    """At most `LINES` lines of at most `WIDE` characters; what is left out is marked."""
    lines = answer.strip("\n").split("\n")
    shown = [line if len(line) <= WIDE else f"{line[: WIDE - 6]} [...]" for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(f"[... {len(lines) - LINES} more lines]")
    return "\n".join(shown) + "\n"


def into(readme: Path, session: str) -> None:
    """Replace the block after the mark. Raises ValueError where there is none."""
    text = readme.read_text()
    if not BLOCK.search(text):
        raise ValueError(f"{readme} has no <!-- session --> with a block of text after it")
    readme.write_text(BLOCK.sub(lambda m: f"{m[1]}{session}{m[2]}", text))


def note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--home", type=Path, help="the stack's folder; a temporary one if not given"
    )
    parser.add_argument("--light", action="store_true", help="SQLite instead of Postgres")
    parser.add_argument("--readme", type=Path, help="the file whose block is replaced")
    given = parser.parse_args()
    with home_for(given.home, "chimera-session-") as home:
        session = asyncio.run(record(home, given.light))
    if given.readme:
        into(given.readme, session)
    print(session, end="")


if __name__ == "__main__":
    main()
