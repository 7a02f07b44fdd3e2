"""Cases and estates as files, strictly read; evals/README.md describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chimera.domain import Misconfigured, NotFound
from chimera.domain.objectives import seconds

T = TypeVar("T", bound="Strict")
OFFSET = re.compile(r"^[+-]?\d+(?:\.\d+)?[smhdw]$")


def offset(value: Any) -> Any:
    """`-20m` as a time span; 0 is now."""
    if isinstance(value, str) and OFFSET.match(value):
        return timedelta(seconds=seconds(value.lstrip("+-")) * (-1 if value.startswith("-") else 1))
    return timedelta(seconds=value) if isinstance(value, int | float) else value


Offset = Annotated[timedelta, BeforeValidator(offset)]
Kind = Literal["answer", "question", "refused", "unclear", "proposed"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Phase(Strict):
    """From when on a service behaves differently."""

    since: Offset
    rps: float | None = None
    latency: float | None = None  # seconds, the median
    errors: float | None = None  # share of 1
    version: str | None = None
    up: bool | None = None


class Service(Strict):
    """A service's request metrics, written by what it does."""

    rps: float = 20.0
    latency: float = 0.08
    errors: float = 0.0
    version: str = "1.0.0"
    up: bool = True
    phases: tuple[Phase, ...] = ()


class Line(Strict):
    """One series: (when, value) corners, straight between them; a counter's values are its rate."""

    metric: str
    labels: dict[str, str] = Field(default_factory=dict)
    kind: Literal["gauge", "counter"] = "gauge"
    points: tuple[tuple[Offset, float], ...]


class Files(Strict):
    """One dataset: columns by name, each a list of values."""

    columns: dict[str, list[Any]]


class Logged(Strict):
    at: Offset
    service: str
    message: str
    level: str = "error"


class Person(Strict):
    id: str
    name: str = ""
    roles: tuple[Literal["viewer", "operator", "approver", "admin"], ...] = ("viewer",)


class State(Strict):
    """An estate at one moment."""

    now: AwareDatetime
    history: Offset = timedelta(hours=3)
    step: float = 15.0  # seconds between two samples
    estate: dict[str, Any] | str  # as estate.yaml has it, or the path of such a file
    settings: dict[str, Any] = Field(default_factory=dict)  # as in chimera.toml: watch, changes
    people: tuple[Person, ...]
    services: dict[str, Service] = Field(default_factory=dict)
    series: tuple[Line, ...] = ()
    incidents: tuple[dict[str, Any], ...] = ()
    orders: tuple[dict[str, Any], ...] = ()
    events: tuple[dict[str, Any], ...] = ()
    postmortems: dict[str, str] = Field(default_factory=dict)
    silences: tuple[dict[str, Any], ...] = ()
    pauses: tuple[dict[str, Any], ...] = ()
    logs: tuple[Logged, ...] = ()
    datasets: dict[str, Files] = Field(default_factory=dict)
    prometheus: bool = True  # False: it does not answer


class Placed(Strict):
    """An order, or a brake (`pause`, `resume`), an answer (`approve`, `deny`) or a word on an
    incident (`acknowledge`, `resolve`). `parameters` that are named must be as they are."""

    runbook: str
    target: str = ""
    by: str = ""
    parameters: dict[str, str] = Field(default_factory=dict)


class Said(Strict):
    """One message of one person."""

    who: str = ""
    say: str


class Case(Strict):
    """One conversation; its last answer is judged, its orders in all."""

    id: str
    state: str
    who: str = ""
    say: str | tuple[str | Said, ...]
    tags: tuple[str, ...] = ()
    kind: Kind | tuple[Kind, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    orders: tuple[Placed, ...] = ()

    @property
    def plain(self) -> bool:
        """Tagged as needing no free reasoning."""
        return "plain" in self.tags


def cases_in(path: Path) -> list[Case]:
    """Every case of a file, or of all files of a folder. Raises Misconfigured."""
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    found: list[Case] = []
    for file in files:
        if "states" in file.parts:
            continue
        for number, row in enumerate(read(file) or ()):
            name = row.get("id", number) if isinstance(row, dict) else number
            found.append(parsed(Case, row, f"{file}: case {name}"))
    if not found:
        raise Misconfigured(f"{path} holds no cases; evals/README.md describes them")
    names = [case.id for case in found]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise Misconfigured(f"{path}: two cases are called {twice[0]!r}; a name is used once")
    return found


def states_in(path: Path, wanted: Iterable[str]) -> dict[str, tuple[Path, State]]:
    """The states that cases name: `states/<name>.yaml` beside or above the cases."""
    base = path if path.is_dir() else path.parent
    found = {}
    for name in sorted(set(wanted)):
        places = [folder / "states" / f"{name}.yaml" for folder in (base, *base.resolve().parents)]
        file = next((place for place in places if place.is_file()), None)
        if file is None:
            raise Misconfigured(f"no file states/{name}.yaml beside or above {base}; write it")
        found[name] = (file, parsed(State, read(file), str(file)))
    return found


def read(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"there is no file or folder {file}; correct its name") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misconfigured(f"{file} cannot be read: {' '.join(str(error).split())}") from error


def parsed(kind: type[T], row: Any, where: str) -> T:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "it"
        raise Misconfigured(f"{where}: {key}: {first['msg']}") from error


def moment_of(value: Any, now: datetime) -> Any:
    """Every `-20m` in a record as the moment it means; other values as they are."""
    if isinstance(value, dict):
        return {key: moment_of(item, now) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [moment_of(item, now) for item in value]
    if isinstance(value, str) and OFFSET.match(value) and value[0] in "+-":
        return now + offset(value)
    return value
