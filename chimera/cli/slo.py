"""Service levels: what was promised, what is left of the error budget, the Prometheus rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chimera.cli.base.options import Config, Json, writable
from chimera.cli.base.output import as_json, say, table

if TYPE_CHECKING:
    from chimera.domain.objectives import Objective
    from chimera.platform.settings import Settings
    from chimera.platform.slo import Budget

app = typer.Typer(
    help="Service levels: what was promised, what is left, the Prometheus rules.",
    no_args_is_help=True,
)
Name = Annotated[str | None, typer.Argument(metavar="[SLO]", help="All if not given.")]


@app.command("list")
def list_(config: Config = None, json: Json = False) -> None:
    """List the service levels: of what, how much, over which window, and its burn alerts."""
    from chimera.platform.slo.burn import burns, spelled

    settings, objectives = read(config)
    interval = settings.prometheus.scrape_interval
    if json:
        return as_json(
            [
                slo.model_dump() | {"burns": [vars(burn) for burn in burns(slo, interval)]}
                for slo in objectives
            ]
        )
    rows = (
        (
            slo.name,
            slo.node,
            f"{slo.objective * 100:g} %",
            spelled(slo.window),
            slo.indicator.kind,
            slo.owner,
            ", ".join(
                f"{b.rate:g}x over {spelled(b.long)} and {spelled(b.short)}: {b.severity}"
                for b in burns(slo, interval)
            ),
        )
        for slo in objectives
    )
    columns = ("slo", "of", "objective", "window", "indicator", "owner", "alerts")
    return table(columns, rows, "no service level")


@app.command()
def budget(name: Name = None, config: Config = None, json: Json = False) -> None:
    """Show what is left of the error budgets, as Prometheus has measured it."""
    import asyncio

    from chimera.platform.observability.prometheus import Prometheus
    from chimera.platform.slo import read_budget

    settings, objectives = read(config, name)
    given = settings.prometheus
    headers = {"Authorization": f"Bearer {given.token.reveal()}"} if given.token else None
    prometheus = Prometheus(given.url, headers=headers, timeout=given.timeout)

    async def work() -> list[Budget]:
        return [await read_budget(prometheus, slo, given.scrape_interval) for slo in objectives]

    found = asyncio.run(work())
    if json:
        return as_json([one.model_dump(mode="json") for one in found])
    columns = ("slo", "state", "objective", "good", "budget left", "events", "burn rates", "since")
    return table(columns, map(shown, found), "no service level")


@app.command()
def rules(
    out: Annotated[
        Path | None,
        typer.Option(
            "--output", "--out", "-o", metavar="FILE", callback=writable, help="Write them there."
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Have promtool check them.")] = False,
    config: Config = None,
) -> None:
    """Generate the Prometheus rules: recorded error ratios and multi-window burn alerts."""
    from chimera.domain import Refused
    from chimera.platform.slo import slo_rules

    settings, objectives = read(config)
    text = slo_rules(objectives, settings.prometheus.scrape_interval)
    if check:
        problem = checked(text)
        if problem:
            raise Refused(f"promtool refused the rules: {problem}; correct the service level")
    if out is None:
        return say(text.rstrip())
    out.write_text(text)
    promtool = ", which promtool finds correct" if check else ""
    return say(f"wrote {out}: {len(objectives)} service levels{promtool}")


def read(config: Path | None, name: str | None = None) -> tuple[Settings, tuple[Objective, ...]]:
    """Settings and service levels. Raises NotFound for a name that is none of them."""
    from chimera.domain import Misconfigured, NotFound
    from chimera.platform.catalog.estate import load_estate
    from chimera.platform.settings import load_settings

    settings = load_settings(config)
    if settings.estate.file is None:
        raise Misconfigured(
            "the service levels are in the estate file, and none is set; set `estate.file`"
        )
    objectives = load_estate(settings.estate.file).slos
    if name is None:
        return settings, objectives
    found = tuple(slo for slo in objectives if slo.name == name)
    if not found:
        known = ", ".join(slo.name for slo in objectives) or "none"
        raise NotFound(f"there is no service level {name!r}; there are {known}")
    return settings, found


def shown(one: Budget) -> tuple[Any, ...]:
    """A budget as a row; what is not known is a dash."""
    from chimera.platform.slo.burn import spelled

    late = one.since is not None and (one.at - one.since).total_seconds() < 0.98 * one.slo.window
    since = spelled(one.slo.window)
    if late and one.since is not None:
        since = f"{one.since:%Y-%m-%d %H:%M} only"
    rates = ", ".join(
        f"{window} {'-' if rate is None else f'{rate:.3g}x'}" for window, rate in one.burn.items()
    )
    return (
        one.slo.name,
        one.state + (" (partial)" if one.partial else ""),
        f"{one.slo.objective * 100:g} %",
        None if one.bad is None else f"{(1 - one.bad) * 100:.4g} %",
        None if one.left is None else f"{one.left * 100:.3g} %",
        None if one.events is None else f"{one.events:.0f}",
        rates or None,
        None if one.events is None else since,
    )


def checked(text: str) -> str:
    """What promtool finds wrong with rules; nothing: they are correct. Raises ProgramMissing."""
    import asyncio
    import tempfile

    from chimera.sandbox.programs import ProgramMissing, silent
    from chimera.sandbox.programs.base import output_of
    from chimera.sandbox.programs.prometheus import PROMETHEUS, find, tool_of

    async def ask(file: Path) -> str:
        promtool = tool_of(await find(PROMETHEUS, silent), PROMETHEUS)
        if promtool is None:
            raise ProgramMissing("promtool is not beside Prometheus; put `promtool` on PATH")
        code, wrote = await output_of([promtool, "check", "rules", file])
        return " ".join(wrote.split()) if code else ""

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "slo.yml"
        file.write_text(text)
        return asyncio.run(ask(file))
