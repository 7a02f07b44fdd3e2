"""The `chimera` command. One subcommand a file: a module's `command` (a function) or `app` (a group).
`kind` beside `command` is the class of the command, where it reads its words in its own way.

A module imports what it needs inside its functions, so that `chimera --help` answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil

import typer

from chimera.cli.base.root import Root


def build() -> typer.Typer:
    """The whole command, from the modules found here. A module that does not import stops it."""
    app = typer.Typer(
        name="chimera",
        help="AIOps and SRE agents over Prometheus, with repairs through policy and Temporal.",
        cls=Root,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(callback)
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if isinstance(group := getattr(module, "app", None), typer.Typer):
            app.add_typer(group, name=info.name)
        elif callable(function := getattr(module, "command", None)):
            app.command(info.name, cls=getattr(module, "kind", None))(function)
    return app


def callback() -> None:
    """AIOps and SRE agents over Prometheus, with repairs through policy and Temporal."""
