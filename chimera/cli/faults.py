"""Break the practice estate on purpose, and heal it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chimera.cli.base.options import Home, Json
from chimera.cli.base.output import as_json, line, say, table

if TYPE_CHECKING:
    from chimera.sandbox.faults.catalogue import FaultDoor

app = typer.Typer(help="Break the practice estate on purpose, and heal it.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """List the faults: symptom, true cause, right repair, targets, ranges of magnitude."""
    from chimera.sandbox.faults.catalogue import faults

    found = [plain(fault) for _, fault in sorted(faults().items())]
    if json:
        return as_json(found)
    return table(
        ("fault", "targets", "magnitude", "repair", "summary"),
        (
            (f["name"], f["targets"], span(f), repair(f), f["summary"])
            for f in found
        ),
        "no faults",
    )  # fmt: skip


@app.command()
def inject(
    name: Annotated[str, typer.Argument(metavar="FAULT", help="`chimera faults list` shows them.")],
    target: Annotated[str | None, typer.Option(help="The fault's first target otherwise.")] = None,
    magnitude: Annotated[float, typer.Option(help="1 is the demo's.")] = 1.0,
    duration: Annotated[
        float | None, typer.Option(help="Seconds; until it is cleared or repaired otherwise.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What chance is drawn from.")] = 1,
    home: Home = None,
    json: Json = False,
) -> None:
    """Inject a fault for real."""
    import asyncio

    from chimera.domain import NotFound
    from chimera.sandbox.faults.catalogue import faults

    known = faults()
    if name not in known:
        raise NotFound(f"there is no fault {name!r}; there are {', '.join(sorted(known))}")
    made = asyncio.run(door(home).inject(name, target, magnitude, duration, seed))
    if json:
        return as_json(plain(made))
    return say(f"injected {name}" + (f" at {target}" if target else ""))


@app.command()
def clear(
    name: Annotated[str | None, typer.Argument(metavar="[FAULT]", help="All if not given.")] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Put the whole estate back to its healthy state.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a fault, or all of them, back."""
    import asyncio

    async def work() -> None:
        way = door(home)
        await way.clear(name or "all")
        if reset:
            await way.reset()

    asyncio.run(work())
    cleared = {"cleared": name or "all", "reset": reset}
    return as_json(cleared) if json else say(f"cleared {cleared['cleared']}")


@app.command()
def active(home: Home = None, json: Json = False) -> None:
    """Show what is injected now."""
    import asyncio

    found = plain(asyncio.run(door(home).active()))
    return as_json(found) if json else say(line(found) if found else "no fault is injected")


def door(home: Any) -> FaultDoor:
    """The fault door of the stack that runs here. Raises NotFound when none does."""
    from chimera.domain import NotFound
    from chimera.sandbox.faults.catalogue import FaultDoor
    from chimera.sandbox.stack.state import load_state

    state = load_state(home)
    if state is None or "controller" not in state.urls:
        raise NotFound("no practice estate runs here; start one with `chimera up`")
    return FaultDoor(state.urls["controller"], state.tokens["faults"])


def plain(thing: Any) -> Any:
    """A fault, or what the door answered, as JSON's own types."""
    import dataclasses

    if hasattr(thing, "model_dump"):
        return thing.model_dump(mode="json")
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: plain(getattr(thing, field.name)) for field in dataclasses.fields(thing)}
    if isinstance(thing, list | tuple):
        return [plain(one) for one in thing]
    return thing


def span(fault: dict[str, Any]) -> str:
    low, high = fault["magnitude"]
    return f"{low:g} to {high:g}"


def repair(fault: dict[str, Any]) -> str:
    return line(fault["repair"])
