"""The documents say what is there: every command, every setting with its default, no dead link."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chimera.cli import build
from chimera.domain import Trust
from chimera.platform.catalog.estate import load_estate
from chimera.platform.governance.policy import Policy
from chimera.platform.identity.people import People
from chimera.platform.settings import Settings, load_settings
from chimera.sandbox.faults.catalogue import faults

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ROW = re.compile(r"^\| `([\w.]+)` \| ([^|]+?) \| (.+) \|$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]+)?\)")


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def settings_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key of the file, and those of the sections and rows behind it."""
    for name, field in model.model_fields.items():
        below = [kind for kind in leaves(field.annotation) if is_model(kind)]
        if not below or not isinstance(field.get_default(call_default_factory=True), BaseModel):
            yield prefix + name, field
        for kind in below:
            yield from settings_of(kind, f"{prefix}{name}.")


def leaves(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from leaves(argument)


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def shown(field: FieldInfo) -> str:
    """A default as the document writes it."""
    default = field.get_default(call_default_factory=True)
    match default:
        case _ if field.is_required():
            return "required"
        case None:
            return "none"
        case bool():
            return f"`{str(default).lower()}`"
        case int() | float():
            return f"`{default}`"
        case tuple():
            return "see [below](#changes)" if default else "`[]`"
        case dict():
            return "`{}`"
    return f'`"{default}"`'


def test_every_setting_is_described_with_its_default_and_none_that_is_gone() -> None:
    page = (DOCS / "configuration.md").read_text()
    described = {key: default for key, default, _ in ROW.findall(page)}
    assert described == {key: shown(field) for key, field in settings_of(Settings)}


def commands() -> Iterator[str]:
    """Every command as it is typed; a bench is imported only when it is run."""

    def walk(command: Any, words: str) -> Iterator[str]:
        names = command.list_commands(None) if hasattr(command, "list_commands") else []
        if not names:
            yield words
        for name in names:
            yield from walk(command.commands.get(name), f"{words} {name}")

    yield from walk(typer.main.get_command(build()), "chimera")


def test_every_command_is_described_and_none_that_is_gone() -> None:
    page = (DOCS / "commands.md").read_text()
    described = re.findall(r"^\| `(chimera [\w -]+?)(?: [A-Z\[][^`]*)?` \|", page, re.MULTILINE)
    assert set(described) == set(commands())


def test_every_fault_is_described_with_its_symptom_and_its_right_repair() -> None:
    page = (DOCS / "faults.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \|(?: [^|]+ \|){6}$", page, re.MULTILINE)
    assert sorted(rows) == sorted(faults())
    cells = {line.split("`")[1]: line.split(" | ") for line in page.splitlines() if "` | " in line}
    for name, fault in faults().items():
        assert cells[name][2] == fault.symptom
        assert set(re.findall(r"`(\w+)`", cells[name][4])) == set(fault.repairs(fault.targets[0]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        file = page if not target else (page.parent / target).resolve()
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            known = ["#" + re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles]
            assert anchor in known, f"{page.name} links to {anchor} of {file.name}"


def test_the_readme_points_it_at_ones_own_prometheus_in_ten_lines(tmp_path: Path) -> None:
    text = fenced(ROOT / "README.md", "toml")[0]
    assert len([line for line in text.splitlines() if line.strip()]) <= 10
    file = tmp_path / "chimera.toml"
    file.write_text(text)
    settings = load_settings(file)
    assert settings.watch
    assert settings.actuator is None
    assert Policy(settings.policy).level(settings.environment, "restart_service") is Trust.OBSERVE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_shown_is_read_without_complaint(page: Path, tmp_path: Path) -> None:
    file = tmp_path / "shown"
    for text in fenced(page, "toml"):
        file.write_text(text)
        if "person" in tomllib.loads(text):
            assert People.load(file).people
        else:
            assert load_settings(file)
    for text in fenced(page, "yaml"):
        if "nodes" in yaml.safe_load(text):
            file.write_text(text)
            assert load_estate(file).nodes
