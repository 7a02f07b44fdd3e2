"""Discovery: one new file adds one thing; what is broken or taken twice stops the start."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Protocol, runtime_checkable

import pytest

from chimera.domain import Misconfigured
from chimera.domain.discovery import discover


@runtime_checkable
class Bell(Protocol):
    name: ClassVar[str]

    def ring(self) -> str: ...


BASE = """
from abc import ABC, abstractmethod
class Lamp(ABC):
    @abstractmethod
    def shine(self): ...
"""
LAMP = """
from {package}.base import Lamp
class {cls}(Lamp):
    name = "{name}"
    def shine(self): return "{name}"
"""


def lamp(cls: str, name: str) -> str:
    """A module with one lamp."""
    return LAMP.replace("{cls}", cls).replace("{name}", name)


def lamps(package: ModuleType) -> type:
    """The kind that the package's lamps are of."""
    kind: type = importlib.import_module(f"{package.__name__}.base").Lamp
    return kind


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModuleType]]:
    """Make a package of these files."""
    name = f"plugins_{tmp_path.name}".replace("-", "_")
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(**files: str) -> ModuleType:
        folder = tmp_path / name
        for file, text in {"__init__": "", "base": BASE, **files}.items():
            path = folder / f"{file.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{package}", name))
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield make
    for loaded in [m for m in sys.modules if m.split(".")[0] == name]:
        del sys.modules[loaded]


def test_classes_and_instances_are_found_by_name_in_sub_packages_too(
    package: Callable[..., ModuleType],
) -> None:
    made = package(
        street=lamp("Street", "street"),
        desk=lamp("Desk", "desk") + "\ngreen = Desk()\ngreen.name = 'green'\n",
        old__in____init__="",
        old__in__oil=lamp("Oil", "oil"),
    )
    assert set(discover(made, lamps(made))) == {"street", "desk", "green", "oil"}


def test_a_name_taken_twice_names_both(package: Callable[..., ModuleType]) -> None:
    made = package(a=lamp("A", "same"), b=lamp("B", "same"))
    with pytest.raises(Misconfigured, match=r"b\.B and .*a\.A are both called 'same'"):
        discover(made, lamps(made))


def test_a_broken_module_is_named_with_its_error(package: Callable[..., ModuleType]) -> None:
    with pytest.raises(Misconfigured, match=r"\.bad cannot be loaded \(ZeroDivisionError"):
        discover(package(bad="1 / 0"), Bell)


def test_a_thing_without_a_name_is_refused(package: Callable[..., ModuleType]) -> None:
    made = package(dark=lamp("Dark", ""))
    with pytest.raises(Misconfigured, match="not empty"):
        discover(made, lamps(made))


def test_a_protocol_finds_what_has_its_members(package: Callable[..., ModuleType]) -> None:
    made = package(door="class Door:\n    name = 'door'\n    def ring(self): return 'ding'\n")
    assert set(discover(made, Bell)) == {"door"}


def test_a_key_tells_the_name(package: Callable[..., ModuleType]) -> None:
    made = package(street=lamp("Street", "street"))
    assert set(discover(made, lamps(made), key=lambda lamp: lamp.name.upper())) == {"STREET"}
