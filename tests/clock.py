"""The moment at which the running test began: a module is read long before its tests run."""

from __future__ import annotations

from datetime import UTC, datetime

_began = datetime.now(UTC)


def begin() -> None:
    """Called before each test."""
    global _began
    _began = datetime.now(UTC)


def just_now() -> datetime:
    """The same all through one test, so that what is made of it twice is the same twice."""
    return _began
