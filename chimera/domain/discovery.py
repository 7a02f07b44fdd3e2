"""Find extensions by looking at packages: one new file adds one thing, with no other edit."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from chimera.domain.errors import Misconfigured

Key = Callable[[Any], str]


def discover(package: ModuleType, kind: type, key: Key | None = None) -> dict[str, Any]:
    """Every `kind` that the package's modules hold at module level, by name.

    Instances of `kind` and concrete subclasses of it both count; sub-packages are read one level
    deep. `key` tells a thing's name; without it that is its attribute `name`.

    Raises Misconfigured when a module does not import, a thing has no name, or two share one.
    """
    found: dict[str, Any] = {}
    homes: dict[str, str] = {}
    for module in modules(package):
        for attribute, value in vars(module).items():
            if not is_a(value, kind):
                continue
            where = f"{module.__name__}.{attribute}"
            name = named(value, key, where)
            if found.setdefault(name, value) is not value:
                raise Misconfigured(
                    f"{where} and {homes[name]} are both called {name!r}; give one another name"
                )
            homes.setdefault(name, where)
    return found


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """The package's modules, then those of its direct sub-packages, in the order of their names."""
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = load(info.name)
        yield module
        if info.ispkg:
            for inner in pkgutil.iter_modules(module.__path__, f"{module.__name__}."):
                yield load(inner.name)


def load(name: str) -> ModuleType:
    """Import a module, or say in one line why it cannot be used."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise Misconfigured(
            f"the module {name} cannot be loaded ({type(error).__name__}: {error}); "
            "correct it or remove it"
        ) from error


def is_a(value: Any, kind: type) -> bool:
    """Whether this is an instance of `kind` or a class of it that can be made."""
    if getattr(kind, "_is_protocol", False):
        # issubclass() refuses protocols with data members, so their members are asked for.
        wanted: set[str] = getattr(kind, "__protocol_attrs__", set()) or declared(kind)
        if value is kind or getattr(value, "_is_protocol", False) or inspect.ismodule(value):
            return False
        return all(hasattr(value, name) for name in wanted)
    if inspect.isclass(value):
        return value is not kind and issubclass(value, kind) and not inspect.isabstract(value)
    return isinstance(value, kind)


def declared(protocol: type) -> set[str]:
    """The members a protocol asks for (Python 3.11 keeps no list of them)."""
    names = {*vars(protocol), *getattr(protocol, "__annotations__", {})}
    return {name for name in names if not name.startswith("_")}


def named(value: Any, key: Key | None, where: str) -> str:
    """What a thing is called."""
    try:
        name = key(value) if key else value.name
    except AttributeError as error:
        raise Misconfigured(f"{where} has no name ({error}); give it one") from error
    if not isinstance(name, str) or not name:
        raise Misconfigured(f"{where} is called {name!r}; a name is a string that is not empty")
    return name
