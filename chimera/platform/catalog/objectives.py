"""Read the `slos` of `estate.yaml`: what was promised, strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chimera.domain import Estate, Misconfigured
from chimera.domain.objectives import (
    FreshnessIndicator,
    LatencyIndicator,
    Objective,
    RatioIndicator,
)

KINDS = {
    kind.model_fields["kind"].default: kind
    for kind in (RatioIndicator, LatencyIndicator, FreshnessIndicator)
}


def read_objectives(path: Path, rows: Any) -> tuple[Objective, ...]:
    """The service levels. Raises Misconfigured with file and key for whatever is wrong in them."""
    if rows is None:
        return ()
    if not isinstance(rows, list):
        raise Misconfigured(f"{path}: slos must be a list")
    return tuple(read_objective(path, number, row) for number, row in enumerate(rows))


def read_objective(path: Path, number: int, row: Any) -> Objective:
    label = row.get("name", number) if isinstance(row, dict) else number
    where = f"{path}: slos[{label}]"
    if not isinstance(row, dict):
        raise Misconfigured(f"{where} must be a mapping with name, node, objective and indicator")
    refuse_unknown(where, row, set(Objective.model_fields), "a service level")
    indicator = row.get("indicator")
    if isinstance(indicator, dict):
        kind = indicator.get("kind")
        if kind not in KINDS:
            raise Misconfigured(
                f"{where}.indicator.kind is {kind!r}; it must be {', '.join(sorted(KINDS))}"
            )
        known = set(KINDS[kind].model_fields)
        refuse_unknown(f"{where}.indicator", indicator, known, f"a {kind} indicator")
    try:
        return Objective.model_validate(row)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"] if part not in KINDS) or "it"
        said = problem["msg"].removeprefix("Value error, ")
        raise Misconfigured(f"{where}.{key} is wrong: {said}") from error


def promised(path: Path, estate: Estate) -> Estate:
    """Refuse names used twice and promises about what is no node; the owner is the node's."""
    names = [slo.name for slo in estate.slos]
    owned: list[Objective] = []
    for slo in estate.slos:
        if names.count(slo.name) > 1:
            raise Misconfigured(
                f"{path}: two service levels are called {slo.name!r}; a name is used once"
            )
        node = estate.node(slo.node)
        if node is None:
            raise Misconfigured(
                f"{path}: slos[{slo.name}].node names {slo.node!r}, which is no node; "
                "add it or correct the name"
            )
        owned.append(slo.model_copy(update={"owner": slo.owner or node.owner}))
    return estate.model_copy(update={"slos": tuple(owned)})


def refuse_unknown(where: str, row: dict[Any, Any], known: set[str], what: str) -> None:
    unknown = sorted(str(key) for key in set(row) - known)
    if unknown:
        raise Misconfigured(
            f"{where}.{unknown[0]} is not a key of {what}; remove it or correct its name"
        )
