"""`estate.yaml` is read strictly: every mistake names file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from chimera.domain import Misconfigured
from chimera.platform.catalog.estate import load_estate

GOOD = """
name: library
environment: town
nodes:
  - {name: desk, tier: 1, owner: readers, calls: [lending]}
  - {name: lending}
  - {name: gather, kind: step, calls: [lending], writes: [loans]}
  - {name: loans, kind: dataset}
"""


def test_a_good_file_becomes_an_estate(tmp_path: Path) -> None:
    path = tmp_path / "estate.yaml"
    path.write_text(GOOD)
    estate = load_estate(path)
    assert estate.environment == "town"
    assert estate.causes_of("loans") == ("gather",)
    assert set(estate.felt_by("lending")) == {"desk", "gather", "loans"}


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("tier: 1", "tear: 1", r"nodes\[desk\]\.tear is not a key"),
        ("calls: [lending]}", "calls: [landing]}", r"nodes\[desk\]\.calls names 'landing'"),
        ("writes: [loans]", "writes: [desk]", r"nodes\[gather\]\.writes names 'desk', a service"),
        ("{name: lending}", "{name: desk}", "two nodes are called 'desk'"),
        ("kind: dataset", "kind: heap", r"nodes\[loans\]\.kind is wrong"),
        ("environment: town", "enviroment: town", "enviroment is not a key of an estate"),
        ("nodes:", "nodes: [", "is not valid YAML"),
        ("name: library", "- name: library", "is not valid YAML"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    path = tmp_path / "estate.yaml"
    path.write_text(GOOD.replace(wrong, right, 1))
    with pytest.raises(Misconfigured, match=said) as error:
        load_estate(path)
    assert str(path) in str(error.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"correct `estate\.file`"):
        load_estate(tmp_path / "nowhere.yaml")
