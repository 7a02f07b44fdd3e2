"""The examples of docs/extending.md, put as new files beside the package's own."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = re.compile(r"```python\n# (chimera/\S+/(\w+)\.py)\n(.*?)```", re.DOTALL)


def examples() -> dict[str, str]:
    """The source of each example by the path it names in its first line."""
    text = (DOCS / "extending.md").read_text()
    return {path: source for path, _, source in EXAMPLE.findall(text)}


@contextmanager
def added(path: str, folder: Path) -> Iterator[ModuleType]:
    """The example of this path as a module of its package, from a folder of its own."""
    package_name, _, name = path.removesuffix(".py").replace("/", ".").rpartition(".")
    package = importlib.import_module(package_name)
    (folder / f"{name}.py").write_text(examples()[path])
    package.__path__.append(str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(f"{package_name}.{name}")
    finally:
        package.__path__.remove(str(folder))
        sys.modules.pop(f"{package_name}.{name}", None)
        vars(package).pop(name, None)
        importlib.invalidate_caches()
