"""Functions that numba compiles, and keeps compiled between runs where it may write."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

# Only what cannot change an answer with its order: sums stay as they are written.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}


def _stamp() -> str:
    """What all compiled code is made from: the engine and the specialists."""
    sources = sorted(Path(__file__).parents[1].glob("*/*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


STAMP = _stamp()


def compiled(function: F) -> F:
    """The function as machine code, compiled at its first call.

    The code is kept beside the module or in the user's cache folder. Where neither can be written,
    numba refuses to cache at all; then each process compiles for itself, some ten seconds.
    """
    try:
        made: Any = numba.njit(cache=True, **OPTIONS)(function)
    except RuntimeError:
        made = numba.njit(**OPTIONS)(function)
    else:
        # Numba takes kept code for good while its own file is unchanged, though it holds what it
        # calls in other files too: a stamp of all of them makes an upgrade compile again.
        made._cache._cache_file._source_stamp = STAMP
    return made  # type: ignore[no-any-return]
