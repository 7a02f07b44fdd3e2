"""Cedar's policies as files: read once, checked against what Chimera tells them, asked by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy

from chimera.domain import Misconfigured

SCHEMA = Path(__file__).with_name("chimera.cedarschema")


def shipped_policies() -> Path:
    """The policies that come with Chimera."""
    inside = Path(__file__).parents[2] / "policies"  # in an installed package
    return inside if inside.is_dir() else Path(__file__).parents[3] / "deploy" / "policies"


@dataclass(frozen=True)
class Written:
    """A text that a policy compares one of its questions with."""

    policy: str  # its @id
    about: str  # `environment`, `runbook`, `level` ... of the context, or `target`
    text: str


class CedarPolicies:
    """The `*.cedar` files of one directory. Raises Misconfigured for what could not decide."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        files = sorted(directory.glob("*.cedar"))
        if not files:
            raise Misconfigured(f"policy.directory {directory} holds no *.cedar file")
        self._text = "\n".join(file.read_text() for file in files)
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(self._text))
        except ValueError as error:
            raise Misconfigured(
                f"the Cedar policies in {directory} do not parse: {error}"
            ) from error
        self._policies: dict[str, dict[str, Any]] = parsed["staticPolicies"]
        # Cedar reports policies by position; people know them by their @id.
        self._ids: dict[str, str] = {}
        self.reasons: dict[str, str] = {}  # by @id
        for position, policy in self._policies.items():
            notes = policy.get("annotations", {})
            if not notes.get("id"):
                raise Misconfigured(f"a policy in {directory} has no @id; name each one")
            if notes["id"] in self._ids.values():
                raise Misconfigured(f"two policies in {directory} are called {notes['id']!r}")
            self._ids[position] = notes["id"]
            self.reasons[notes["id"]] = notes.get("reason", "")
        self._fit_the_schema()

    def _fit_the_schema(self) -> None:
        """What is misspelt in a branch that today's orders do not reach is found here, too."""
        result = cedarpy.validate_policies(self._text, SCHEMA.read_text())
        if not result.validation_passed:
            first = result.errors[0]
            why = str(first.error).replace(f"for policy `{first.policy_id}`, ", "")
            raise Misconfigured(
                f"policy {self._ids.get(first.policy_id, first.policy_id)!r} in {self.directory} "
                f"cannot be decided: {why}; {SCHEMA.name} lists what policies can ask for"
            )

    def ask(
        self, request: dict[str, Any], entities: list[dict[str, Any]], of: str
    ) -> tuple[bool, tuple[str, ...]]:
        """(allowed, the @ids of the policies that decided). `of`: whose order, for the error."""
        result = cedarpy.is_authorized(request, self._text, entities)
        if result.diagnostics.errors:
            raise Misconfigured(
                f"the Cedar policies in {self.directory} fail on {of}: "
                f"{'; '.join(map(str, result.diagnostics.errors))}"
            )
        return result.allowed, tuple(self._ids.get(p, p) for p in result.diagnostics.reasons)

    def asks_for(self, name: str) -> bool:
        """Whether any policy looks at this part of the context."""
        looks = {"left": {"Var": "context"}, "attr": name}
        return any(part == looks for part in parts(list(self._policies.values())))

    def written(self) -> Iterator[Written]:
        """The texts that decide where, on what and for which runbook a policy holds."""
        for position, policy in self._policies.items():
            name = self._ids[position]
            for part in parts(policy):
                if not isinstance(part, dict):
                    continue
                if part.get("type") == "Target" and "id" in part:
                    yield Written(name, "target", part["id"])
                for pair in (part.get("=="), part.get("!="), part.get("contains")):
                    for about, text in compared(pair) if pair else ():
                        yield Written(name, about, text)


def parts(tree: Any) -> Iterator[Any]:
    """A policy's JSON, node by node."""
    yield tree
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for part in below:
        yield from parts(part)


def compared(pair: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(part of the context, text) of `context.runbook == "x"` or `["x"].contains(context.runbook)`."""
    for asked, other in ((pair["left"], pair["right"]), (pair["right"], pair["left"])):
        attribute = asked.get(".", {})
        if attribute.get("left") != {"Var": "context"}:
            continue
        for value in [other, *other.get("Set", ())]:
            if isinstance(value.get("Value"), str):
                yield attribute["attr"], value["Value"]
