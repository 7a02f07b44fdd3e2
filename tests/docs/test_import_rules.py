"""Every import rule holds, and one bad import breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
]
LAYERS, HANDS, HOLDERS, DOMAIN, ARRAYS = CONTRACTS
# Which contract, the module that the bad import is put into, and the import.
BAD = [
    (LAYERS, "chimera.domain.bad", "chimera.detection.base"),
    (LAYERS, "chimera.detection.bad", "chimera.platform.settings"),
    (LAYERS, "chimera.detection.bad", "chimera.diagnosis.case"),
    (LAYERS, "chimera.platform.bad", "chimera.tools.base"),
    (LAYERS, "chimera.tools.bad", "chimera.runbooks.base"),
    (LAYERS, "chimera.agents.bad", "chimera.runbooks.base"),
    (LAYERS, "chimera.runbooks.bad", "chimera.flows.desk"),
    (LAYERS, "chimera.flows.bad", "chimera.bots.slack"),
    (LAYERS, "chimera.api.bad", "chimera.bots.slack"),
    (LAYERS, "chimera.sandbox.bad", "chimera.cli.up"),
    (LAYERS, "chimera.unplaced", "chimera.domain"),
    (HANDS, "chimera.tools.bad", "chimera.platform.actuators.chosen"),
    (HANDS, "chimera.platform.observability.logs", "chimera.platform.actuators.chosen"),
    (HOLDERS, "chimera.bots.bad", "chimera.platform.actuators.chosen"),
    (HOLDERS, "chimera.api.bad", "chimera.platform.actuators.chosen"),
    (DOMAIN, "chimera.domain.bad", "temporalio"),
    (ARRAYS, "chimera.diagnosis.bad", "httpx"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its rules, where they may be broken."""
    folder = tmp_path_factory.mktemp("rules")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "chimera", folder / "chimera", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> tuple[int, str]:
    """Run import-linter there; its exit code and what it said, on one line."""
    program = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([program], cwd=folder, capture_output=True, text=True, timeout=120)
    return ran.returncode, " ".join((ran.stdout + ran.stderr).split())


def test_every_rule_holds_and_is_broken_on_purpose_below(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said
    assert {contract for contract, _, _ in BAD} == set(CONTRACTS)
    for contract in CONTRACTS:
        assert f"{contract} KEPT" in said


@pytest.mark.parametrize(("contract", "module", "imported"), BAD)
def test_one_bad_import_breaks_its_rule(
    copy: Path, contract: str, module: str, imported: str
) -> None:
    file = copy / (module.replace(".", "/") + ".py")
    before = file.read_text() if file.exists() else None
    file.write_text((before or "") + f"\nimport {imported}\n")
    try:
        code, said = lint(copy)
    finally:
        file.unlink() if before is None else file.write_text(before)
    assert code == 1, said
    assert f"{contract} BROKEN" in said
    assert module.rpartition(".")[2] in said
