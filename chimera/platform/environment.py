"""Settings from the environment: `CHIMERA__SECTION__KEY=value` overrides the file.

Names are lowered and split at two underscores. A value that starts with `[` or `{` is read as TOML
(a list, an inline table); any other is a plain string, which the settings' own types then parse.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chimera.domain import Misconfigured

PREFIX = "CHIMERA__"


@dataclass(frozen=True)
class Override:
    """One variable: its name, the path of keys it sets, and the value."""

    variable: str
    keys: tuple[str, ...]
    value: Any


def overrides(environ: Mapping[str, str]) -> list[Override]:
    """Every override that the environment gives. Raises Misconfigured for an unreadable one."""
    return [
        Override(name, keys_of(name), value_of(name, text))
        for name, text in sorted(environ.items())
        if name.startswith(PREFIX)
    ]


def keys_of(variable: str) -> tuple[str, ...]:
    keys = tuple(part.lower() for part in variable.removeprefix(PREFIX).split("__"))
    if not all(keys):
        raise Misconfigured(
            f"the environment variable {variable} names no setting; "
            f"write {PREFIX}SECTION__KEY, for example {PREFIX}API__PORT"
        )
    return keys


def value_of(variable: str, text: str) -> Any:
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(
            f"the environment variable {variable} is not a TOML list or table: {error}"
        ) from error


def merged(data: dict[str, Any], given: list[Override]) -> dict[str, Any]:
    """The file's data with the overrides in it; the file's own dictionaries stay as they are."""
    result = dict(data)
    for override in given:
        place = result
        for key in override.keys[:-1]:
            below = place.get(key, {})
            if not isinstance(below, dict):
                raise Misconfigured(
                    f"the environment variable {override.variable} is not a setting: "
                    f"{key} has no keys below it; correct its name or unset it"
                )
            place[key] = dict(below)
            place = place[key]
        place[override.keys[-1]] = override.value
    return result


def blamed(given: list[Override], location: tuple[int | str, ...]) -> Override | None:
    """The override that put the value at `location` there, or put a table there that lacks it."""
    where = tuple(str(part) for part in location)
    exact = [o for o in given if where[: len(o.keys)] == o.keys]
    return max(exact, key=lambda o: len(o.keys), default=None)
