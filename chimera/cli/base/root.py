"""The root of the command: every error becomes one line on standard error and an exit code.

0 ok    1 failed    2 wrong usage or settings    3 not found (a file too), or nothing runs
4 refused by policy or for want of permission    5 something needed does not answer
6 `detect --exit-code` found something
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

FAILED, USAGE, NOT_FOUND, REFUSED, UNAVAILABLE, INTERRUPTED = 1, 2, 3, 4, 5, 130
DEBUG_VARIABLE = "CHIMERA_DEBUG"  # set to anything: errors keep their traceback

ClickException = next(kind for kind in typer.BadParameter.__mro__ if "Click" in kind.__name__)


class Root(TyperGroup):
    """A group whose errors people can read."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        extra |= {"complete_var": complete_var, "windows_expand_args": windows_expand_args}
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **extra)
        try:
            result = super().main(args, prog_name, standalone_mode=False, **extra)
        except typer.Abort:
            stop("interrupted", INTERRUPTED)
        except KeyboardInterrupt:
            stop("interrupted", INTERRUPTED)
        except BrokenPipeError:
            # Whoever read our output has gone; Python must not complain while it shuts down.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            stop(*explained(error))
        sys.exit(result if isinstance(result, int) else 0)


def explained(error: Exception) -> tuple[str, int]:
    """An error as one line and an exit code."""
    if isinstance(error, ClickException):
        return usage(error), USAGE
    from chimera.domain import ChimeraError, Misconfigured, NotFound, Refused, Unavailable

    codes: tuple[tuple[type[Exception], int], ...] = (
        (Misconfigured, USAGE),
        (NotFound, NOT_FOUND),
        (Refused, REFUSED),
        (Unavailable, UNAVAILABLE),
        (ChimeraError, FAILED),
    )
    for kind, code in codes:
        if isinstance(error, kind):
            return str(error), code
    if isinstance(error, OSError) and error.filename and error.strerror:
        why = f"{error.filename} cannot be used: {error.strerror}; correct the path or its permissions"
        return why, NOT_FOUND if isinstance(error, FileNotFoundError) else FAILED
    text = f"{type(error).__name__}: {error}"
    return f"failed unexpectedly: {text} (set {DEBUG_VARIABLE}=1 for a traceback)", FAILED


def usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        return str(context.get_help())
    where = context.command_path if context is not None else "chimera"
    said = error.format_message()
    return f"{said}{'' if said.endswith(('.', '?')) else '.'} See `{where} --help`."


def stop(message: str, code: int) -> NoReturn:
    """Say why on standard error and end."""
    is_help = message.startswith("Usage:")
    line = message if is_help else "chimera: " + " ".join(message.split())
    typer.echo(line, err=True)
    sys.exit(code)
