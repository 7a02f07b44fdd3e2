"""Reading `chimera.toml` and the environment: what is wrong is one line that names file, line and key."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from chimera.domain import Misconfigured, NotFound
from chimera.platform.environment import Override, blamed, merged, overrides
from chimera.platform.settings.section import Secret, Section
from chimera.platform.settings.settings import Settings

CONFIG_VARIABLE = "CHIMERA_CONFIG"


def find_config(given: Path | None = None) -> Path:
    """The settings file: the one given, $CHIMERA_CONFIG, or ./chimera.toml."""
    return given or Path(os.environ.get(CONFIG_VARIABLE, "chimera.toml"))


def load_settings(given: Path | None = None) -> Settings:
    """Read the settings.

    Raises NotFound when there are none, else Misconfigured with one line: file, line, key, what to do.
    """
    path = find_config(given)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        kind = NotFound if isinstance(error, FileNotFoundError) else Misconfigured
        raise kind(
            f"the settings file {path} cannot be read ({why}); "
            f"give one with --config or {CONFIG_VARIABLE}, or start the practice stack with `chimera up`"
        ) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path} is not valid TOML: {error}") from error
    given_by_environment = overrides(os.environ)
    try:
        settings = Settings.model_validate(merged(data, given_by_environment))
    except ValidationError as error:
        raise Misconfigured(explain(path, text, error, given_by_environment)) from error
    return rooted(settings, path.resolve().parent)


def explain(
    path: Path, text: str, error: ValidationError, given: list[Override] | None = None
) -> str:
    """The first problem as one line that names file, line and key, or the variable to blame."""
    # A misspelt key comes first: it explains the one that is missing.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    keys = [str(part) for part in first["loc"]]
    name = ".".join(keys)
    line = line_of(
        text, [str(part) for part in first["loc"] if isinstance(part, str)], first["loc"]
    )
    what = {
        "extra_forbidden": "is not a setting; remove it or correct its name",
        "missing": "is missing; add it",
    }.get(first["type"], f"is wrong: {first['msg'].removeprefix('Value error, ')}")
    override = blamed(given or [], first["loc"])
    if override is not None:
        return f"the environment variable {override.variable}: {name} {what}"
    return f"{path}, line {line}: {name} {what}"


def line_of(text: str, names: list[str], location: tuple[int | str, ...]) -> int:
    """The line a key stands on, or the nearest table above it; 1 if neither is there."""
    lines = text.splitlines()
    start, found = 0, 1
    for depth, part in enumerate(location):
        if isinstance(part, int):
            continue
        following = location[depth + 1] if depth + 1 < len(location) else None
        table = re.compile(rf"^\s*\[\[?(?:[\w.\"-]+\.)?\"?{re.escape(part)}\"?\]\]?")
        key = re.compile(rf"^\s*\"?{re.escape(part)}\"?\s*(=|\.)")
        skip = following if isinstance(following, int) else 0
        for number in range(start, len(lines)):
            if table.match(lines[number]) or key.match(lines[number]):
                if skip:
                    skip -= 1
                    continue
                start, found = number, number + 1
                break
    return found


def rooted(settings: Settings, base: Path) -> Settings:
    """Make every relative path absolute, relative to the settings file."""

    def fix(section: BaseModel) -> BaseModel:
        changed: dict[str, Any] = {}
        for name, value in section:
            if isinstance(value, Secret) and value.startswith("file:"):
                changed[name] = Secret("file:" + str(base / value.removeprefix("file:")))
            elif isinstance(value, Path):
                changed[name] = base / value
            elif isinstance(value, Section):
                changed[name] = fix(value)
        return section.model_copy(update=changed) if changed else section

    fixed = fix(settings)
    assert isinstance(fixed, Settings)
    kind, slashes, file = fixed.store.url.partition(":///")
    if kind.startswith("sqlite") and slashes and not file.startswith(("/", ":memory:")):
        store = fixed.store.model_copy(update={"url": f"{kind}:///{base / file}"})
        fixed = fixed.model_copy(update={"store": store})
    return fixed
