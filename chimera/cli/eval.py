"""Run questions over an estate that is written down as data, and say how many answers are right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    path: Annotated[Path, typer.Argument(help="A file of cases, or a folder of them.")],
    runs: Annotated[int, typer.Option(min=1, help="How often each case is run.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the order in which the cases are run.")] = 1,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only cases with this tag; may be repeated.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--case", help="Only the case of this id.")
    ] = None,
    at_least: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the cases tagged plain that must be right."),
    ] = 0.0,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every answer.")] = False,
) -> None:
    """Judge the rule planner by facts and orders. Exit 1: a wrong order, or fewer than --at-least."""
    import asyncio
    import json as form

    from chimera.bench.evaluation.files import cases_in, states_in
    from chimera.bench.evaluation.report import summary
    from chimera.bench.evaluation.run import run
    from chimera.cli.base.output import say
    from chimera.cli.base.progress import spinning
    from chimera.domain import NotFound

    cases = [
        case
        for case in cases_in(path)
        if (not tag or set(tag) <= set(case.tags)) and (not only or case.id in only)
    ]
    if not cases:
        raise NotFound(f"no case of {path} has that tag or id")
    states = states_in(path, (case.state for case in cases))
    with spinning() as said:
        found = asyncio.run(run(cases, states, runs, seed, said))
    if verbose:
        for verdict in found[0]:
            say(f"{'right' if verdict.right else 'WRONG'}  {verdict.case.id}  [{verdict.kind}]")
            say(f"  {verdict.case.say}\n  -> {verdict.answer}\n")
    figures = summary(found)
    show(figures)
    if json is not None:
        json.write_text(form.dumps({"seed": seed, **figures}, indent=2, ensure_ascii=False))
    plain: Any = figures["groups"].get("plain") or figures["groups"]["all"]
    if figures["wrong_orders"] or (plain["share"] or 0.0) < at_least:
        raise typer.Exit(1)


def show(figures: dict[str, Any]) -> None:
    """The figures as text."""
    from chimera.cli.base.output import say, table

    for one in figures["failed"]:
        say(f"wrong: {one['id']}: {'; '.join(one['wrong'])}")
        say(f"       it said ({one['kind']}): {one['answer'][:300]}")
    rows = [
        (name, g["cases"], g["right"], f"{g['share']:.1%}", f"{g['low']:.1%} to {g['high']:.1%}")
        for name, g in figures["groups"].items()
        if g["cases"]
    ]
    table(("cases", "number", "right", "share", "95 % interval"), rows, "no cases")
    each = ", ".join(f"{share:.1%}" for share in figures["each_run"])
    say(f"planner: {figures['planner']}; model: none; {figures['runs']} runs: {each}")
    say(f"wrong orders: {figures['wrong_orders']}")
    times = figures["seconds"]
    say(f"seconds a conversation: median {times['median']:.3f}, p95 {times['p95']:.3f}")
