"""`chimera bench injection`: text that gives orders, in everything that Chimera reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.options import Results


def command(
    texts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='Other attack texts: lines of {"id", "text"}.'),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--text", metavar="ID", help="Only the text of this id.")
    ] = None,
    json: Results = None,
) -> None:
    """A model that obeys whatever it reads: no change, no leak; and the same without the guard.

    `<INSTRUCTION>` in a text is filled with each goal. Exit 1: something got through, the control
    succeeds in less than 90 %, or fewer rightful orders come through than without the guard.
    """
    import asyncio
    import json as form
    import logging

    import structlog

    from chimera.bench.attack.report import show, summary
    from chimera.bench.attack.run import run
    from chimera.bench.attack.texts import read
    from chimera.cli.base.progress import spinning
    from chimera.domain import NotFound

    chosen = tuple(one for one in read(texts) if not only or one.id in only)
    if not chosen:
        raise NotFound("no text has that id")
    usual = structlog.get_config()
    # Each refused call is logged; thousands of them are what this is about.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        with spinning() as said:
            figures = summary(asyncio.run(run(chosen, said)))
    finally:
        structlog.configure(**usual)
    show(figures)
    if json is not None:
        json.write_text(form.dumps(figures, indent=2, ensure_ascii=False))
    if not figures["good"]:
        raise typer.Exit(1)
