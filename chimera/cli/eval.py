"""Run questions over an estate that is written down as data, and say how many answers are right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chimera.cli.base.older import JsonFile
from chimera.cli.base.options import Config, Json, Output

kind = JsonFile


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
    output: Output = None,
    json: Json = False,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Run with the model at this OpenAI-compatible address too; `configured`: that of the settings.",
        ),
    ] = None,
    model_name: Annotated[str, typer.Option(help="What it is called there.")] = "",
    model_key: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Its key: env:NAME or file:PATH.")
    ] = None,
    config: Config = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every answer.")] = False,
) -> None:
    """Judge answers by facts and orders. Exit 1: a wrong order, or fewer than --at-least."""
    import asyncio

    from chimera.bench.evaluation.files import cases_in, states_in
    from chimera.bench.evaluation.modelled import access_of, with_model
    from chimera.bench.evaluation.report import summary
    from chimera.bench.evaluation.run import run
    from chimera.cli.base.output import as_json, say, to_file
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
        found = [asyncio.run(run(cases, states, runs, seed, said))]
        names: list[str | None] = [None]
        if model is not None:
            access = access_of(model, model_name, model_key, config)
            found.append(asyncio.run(with_model(access, cases, states, runs, seed, said)))
            names.append(access.name)
    if verbose and not json:
        for verdict in (one for rows in found for one in rows[0]):
            say(f"{'right' if verdict.right else 'WRONG'}  {verdict.case.id}  [{verdict.kind}]")
            say(f"  {verdict.case.say}\n  -> {verdict.answer}\n")
    rows = [summary(one, name) for one, name in zip(found, names, strict=True)]
    told = {"seed": seed, **rows[0], **({"with_model": rows[1]} if rows[1:] else {})}
    if output:
        to_file(output, told)
    if json:
        as_json(told)
    for figures in () if json else rows:
        show(figures)
    if any(short(figures, at_least) for figures in rows):
        raise typer.Exit(1)


def short(figures: dict[str, Any], at_least: float) -> bool:
    """Whether there was a wrong order, or too few of the plain cases were right."""
    plain: Any = figures["groups"].get("plain") or figures["groups"]["all"]
    return bool(figures["wrong_orders"]) or (plain["share"] or 0.0) < at_least


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
    model = figures["model"] or "none"
    say(f"planner: {figures['planner']}; model: {model}; {figures['runs']} runs: {each}")
    if figures["model"]:
        turns = figures["turns"]
        say(
            f"prompts: {', '.join(figures['prompts'])}; answers by the model: {turns['model']}, by the rules "
            f"instead: {turns['rules_instead']}; tokens: {figures['tokens']}; cost: {figures['money']:.4f}"
        )
    say(f"wrong orders: {figures['wrong_orders']}")
    times = figures["seconds"]
    say(f"seconds a conversation: median {times['median']:.3f}, p95 {times['p95']:.3f}")
