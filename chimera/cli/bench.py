"""Run the benches: each module of `chimera.bench` that has a `command` or an `app`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import typer
from typer.core import TyperGroup

import chimera.bench


class Benches(TyperGroup):
    """Finds benches by name and imports one only when it is run, since they import a lot."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(
            info.name
            for info in pkgutil.iter_modules(chimera.bench.__path__)
            if not info.ispkg and not info.name.startswith("_")
        )

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"chimera.bench.{cmd_name}")
        group = getattr(module, "app", None)
        if isinstance(group, typer.Typer):
            return typer.main.get_command(group)
        function = getattr(module, "command", None)
        if function is None:
            return None
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(function)
        return typer.main.get_command(alone)


app = typer.Typer(help="Run the benches.", cls=Benches, no_args_is_help=True)


@app.callback()
def benches() -> None:
    """Run the benches."""
