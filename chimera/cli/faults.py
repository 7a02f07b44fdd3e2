"""Break the practice estate on purpose, and heal it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chimera.cli.base.options import Home, Json
from chimera.cli.base.output import as_json, fields, line, say, table

if TYPE_CHECKING:
    from chimera.sandbox.faults.base import Fault
    from chimera.sandbox.faults.catalogue import FaultDoor

app = typer.Typer(help="Break the practice estate on purpose, and heal it.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="FAULT", help="`chimera faults list` shows them.")]


@app.command("list")
def list_(json: Json = False) -> None:
    """List the faults: symptom, true cause, right repair, targets, ranges of magnitude."""
    from chimera.sandbox.faults.catalogue import faults

    found = [fault.describe() for _, fault in sorted(faults().items())]
    if json:
        return as_json(found)
    return table(
        ("fault", "targets", "magnitude", "summary"),
        ((f["name"], f["targets"], span(f["magnitude"]), f["summary"]) for f in found),
        "no faults",
    )


@app.command()
def show(name: Name, json: Json = False) -> None:
    """Show a fault: its symptom, its true cause and the right repair for each target."""
    found = known(name).describe()
    if json:
        return as_json(found)
    magnitude = f"{span(found['magnitude'])}, {found['magnitude']['means']}"
    rest = ("name", "summary", "symptom", "is_fault", "slow")
    fields([*((key, found[key]) for key in rest), ("magnitude", magnitude)])
    for target in found["targets"]:
        causes = [f"{cause['kind']} at {cause['target']}" for cause in found["causes"][target]]
        say(f"  {target:<16} {line(causes)}; repaired by {line(found['repairs'][target])}")
    return None


@app.command()
def inject(
    name: Name,
    target: Annotated[str, typer.Option(help="The fault's first target if not given.")] = "",
    magnitude: Annotated[float, typer.Option(help="1 is the demo's.")] = 1.0,
    duration: Annotated[
        float | None,
        typer.Option(help="Seconds until it is taken back; the fault's own if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(help="What chance is drawn from.")] = 0,
    home: Home = None,
    json: Json = False,
) -> None:
    """Inject a fault for real."""
    import asyncio

    known(name)
    made = asyncio.run(door(home).inject(name, target, magnitude, duration, seed))
    return as_json(made) if json else fields(made.items())


@app.command()
def clear(
    name: Annotated[str, typer.Argument(metavar="[FAULT]", help="All if not given.")] = "all",
    reset: Annotated[
        bool, typer.Option("--reset", help="Put the whole estate back to a good day.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a fault, or all of them, back."""
    import asyncio

    async def work() -> list[str]:
        way = door(home)
        ended = await way.clear(name)
        if reset:
            await way.reset()
        return ended

    ended = asyncio.run(work())
    if json:
        return as_json({"cleared": ended, "reset": reset})
    return say(f"cleared {line(ended)}" if ended else "no fault was injected")


@app.command()
def active(home: Home = None, json: Json = False) -> None:
    """Show what is injected now."""
    import asyncio

    found = asyncio.run(door(home).active())
    if json:
        return as_json(found)
    columns = ("name", "target", "magnitude", "began", "ends")
    return table(columns, ([f.get(key) for key in columns] for f in found), "no fault is injected")


def known(name: str) -> Fault:
    """Raises NotFound, which names those that there are."""
    from chimera.domain import NotFound
    from chimera.sandbox.faults.catalogue import faults

    if name not in faults():
        raise NotFound(f"there is no fault {name!r}; there are {', '.join(sorted(faults()))}")
    return faults()[name]


def door(home: Any) -> FaultDoor:
    """The fault door of the stack that runs here. Raises NotFound when none does."""
    from chimera.domain import NotFound
    from chimera.sandbox.faults.catalogue import FaultDoor
    from chimera.sandbox.stack.state import load_state

    state = load_state(home)
    if state is None or "controller" not in state.urls:
        raise NotFound("no practice estate runs here; start one with `chimera up`")
    return FaultDoor(state.urls["controller"], state.tokens["faults"])


def span(magnitude: dict[str, Any]) -> str:
    return f"{magnitude['low']:g} to {magnitude['high']:g}"
