"""Read `estate.yaml`: the services, pipeline steps and datasets, and how they hang together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ConfigDict, ValidationError

from chimera.domain import Estate, Misconfigured, Node
from chimera.platform.catalog.objectives import promised, read_objectives


class StrictNode(Node):
    """Stored facts ignore unknown keys so that old ones still load; a file people write must not."""

    model_config = ConfigDict(extra="forbid")


def load_estate(path: Path) -> Estate:
    """Read an estate. Raises Misconfigured with file and key for whatever is wrong in it."""
    try:
        data = yaml.safe_load(path.read_text())
    except OSError as error:
        raise Misconfigured(
            f"the estate file {path} cannot be read ({error.strerror}); "
            "correct `estate.file` in the settings"
        ) from error
    except yaml.YAMLError as error:
        raise Misconfigured(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise Misconfigured(f"{path} must be a mapping with `name`, `environment` and `nodes`")
    unknown = sorted(set(data) - set(Estate.model_fields))
    if unknown:
        raise Misconfigured(f"{path}: {unknown[0]} is not a key of an estate; remove it")
    rows = data.get("nodes")
    if not isinstance(rows, list) or not rows:
        raise Misconfigured(f"{path}: nodes must be a list with at least one node")
    nodes = tuple(read_node(path, number, row) for number, row in enumerate(rows))
    slos = read_objectives(path, data.get("slos"))
    try:
        estate = Estate.model_validate({**data, "nodes": nodes, "slos": slos})
    except ValidationError as error:
        raise Misconfigured(f"{path}: {first(error)}") from error
    return promised(path, consistent(path, estate))


def read_node(path: Path, number: int, row: Any) -> Node:
    """One node; its problems are named by the node's name, or its place in the list."""
    label = row.get("name", number) if isinstance(row, dict) else number
    try:
        strict = StrictNode.model_validate(row)
    except ValidationError as error:
        raise Misconfigured(f"{path}: nodes[{label}].{first(error)}") from error
    return Node.model_validate(strict.model_dump())


def consistent(path: Path, estate: Estate) -> Estate:
    """Refuse names used twice and names that point nowhere."""
    names = [node.name for node in estate.nodes]
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured(f"{path}: two nodes are called {name!r}; a name is used once")
    for node in estate.nodes:
        for key, others in (("calls", node.calls), ("reads", node.reads), ("writes", node.writes)):
            for other in others:
                if other not in names:
                    raise Misconfigured(
                        f"{path}: nodes[{node.name}].{key} names {other!r}, which is no node; "
                        "add it or correct the name"
                    )
                if key != "calls" and (found := estate.node(other)) and found.kind != "dataset":
                    raise Misconfigured(
                        f"{path}: nodes[{node.name}].{key} names {other!r}, a {found.kind}; "
                        "only datasets are read and written"
                    )
    return estate


def first(error: ValidationError) -> str:
    """The first problem: key and what is wrong with it."""
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"]) or "it"
    if problem["type"] == "extra_forbidden":
        return f"{key} is not a key of a node; remove it or correct its name"
    return f"{key} is wrong: {problem['msg']}"
