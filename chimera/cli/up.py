"""Start the local stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chimera.cli.base.options import Home, Json, Light
from chimera.cli.base.output import as_json, say

if TYPE_CHECKING:
    from chimera.sandbox.stack.state import StackState

Trust = Literal["observe", "advise", "ask", "act"]
POLL = 0.2  # seconds between two looks at a detached start


def command(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Leave it running.")] = False,
    light: Light = False,
    bare: Annotated[
        bool, typer.Option("--bare", help="Without the practice estate and the stand-ins.")
    ] = False,
    trust: Annotated[
        Trust, typer.Option(help="How far Chimera may go in the practice estate.")
    ] = "act",
    history: Annotated[
        Path | None, typer.Option(help="Recorded OpenMetrics to be loaded as the last hour.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What the practice estate's chance is drawn from.")] = 1,
    teams: Annotated[
        bool, typer.Option("--teams", help="Tell incidents in a stand-in for Teams too.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Start the local stack: Temporal, Prometheus, Postgres, the practice estate and Chimera."""
    import asyncio

    from chimera.sandbox.stack.stack import Stack, StackRunning

    if detach:
        options = ["--trust", trust, "--seed", str(seed)]
        options += ["--light"] * light + ["--bare"] * bare + ["--teams"] * teams
        options += ["--history", str(history.absolute())] if history else []
        return told(asyncio.run(detached(home, options)), json)
    stack = Stack(home, light, not bare, history=history, trust=trust, seed=seed, with_teams=teams)

    async def run() -> None:
        told(await stack.start(lambda text: typer.echo(text, err=True)), json)
        await stack.run_forever()

    try:
        return asyncio.run(run())
    except StackRunning as running:
        if running.state is None:
            raise
        return told(running.state, json, already=True)


def told(state: StackState, json: bool, already: bool = False) -> None:
    """Where everything is. The tokens stay in the state file."""
    if json:
        return as_json(state.model_dump(mode="json", exclude={"tokens"}))
    say(f"{'it runs already' if already else 'running'} from {state.home}")
    for name, address in state.urls.items():
        say(f"  {name:<16} {address}")
    return say("look with `chimera status`, stop with `chimera down`")


async def detached(home: Path | None, options: list[str]) -> StackState:
    """Start `chimera up` in a session of its own and wait until it is ready.

    Raises ChimeraError with its last words when it ends before that.
    """
    import asyncio
    import sys

    from chimera.domain import ChimeraError
    from chimera.sandbox.stack.homes import prepare_home
    from chimera.sandbox.stack.state import default_home, load_state

    place = (home or default_home()).absolute()
    state = load_state(place)
    if state is not None:
        return state
    prepare_home(place)
    log = place / "logs" / "up.log"
    program = "from chimera.main import main; main()"
    with log.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-c", program, "up", "--home", str(place), *options,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    ended = asyncio.create_task(child.wait())
    try:
        with log.open() as words:
            last = ""
            while True:
                await asyncio.wait([ended], timeout=POLL)
                for line in words:
                    last = line.strip() or last
                    typer.echo(line.rstrip(), err=True)
                state = load_state(place)
                if state is not None and state.phase == "running":
                    return state
                if ended.done():
                    raise ChimeraError(f"the stack did not start: {last}; {log} says more")
    except BaseException:
        if child.returncode is None:
            child.terminate()
            await ended
        raise
    finally:
        ended.cancel()
