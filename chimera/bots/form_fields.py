"""What a form asks for, from a JSON Schema, and what came back of it. Any chat that has forms draws it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from chimera.domain import RunbookCard, Value

CHOICES = 100  # that a form offers
LONGEST = 300  # characters of one value


class Field(Value):
    """One thing to fill in."""

    name: str
    kind: Literal["text", "whole", "number", "choice"] = "text"
    hint: str = ""
    required: bool = True
    given: str = ""  # what stands there at first
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    def wrong(self, text: str) -> str:
        """Why a value is none; "" if it is one."""
        if not text:
            return "Fill this in." if self.required else ""
        if len(text) > LONGEST:
            return f"That is too long: at most {LONGEST} characters."
        if self.kind == "choice":
            return "" if text in self.choices else f"One of: {', '.join(self.choices)}."
        if self.kind in ("whole", "number"):
            return self._wrong_number(text)
        return ""

    def _wrong_number(self, text: str) -> str:
        try:
            value = float(int(text)) if self.kind == "whole" else float(text)
        except ValueError:
            return "A whole number, for example 2." if self.kind == "whole" else "A number."
        if not math.isfinite(value):
            return "A number that is finite."
        if self.least is not None and value < self.least:
            return f"At least {self.least:g}."
        if self.most is not None and value > self.most:
            return f"At most {self.most:g}."
        return ""


def fields_of(card: RunbookCard, targets: Sequence[str] = ()) -> tuple[Field, ...]:
    """The fields of a runbook's parameters. `targets`: where it may run, if that is known."""
    schema = card.parameters
    required: list[str] = schema.get("required", [])
    found = []
    for name, raw in schema.get("properties", {}).items():
        field = field_of(name, resolved(raw, schema), name in required)
        if required[:1] == [name] and targets and field.kind == "text":
            field = field.model_copy(
                update={"kind": "choice", "choices": tuple(sorted(targets)[:CHOICES])}
            )
        found.append(field)
    return tuple(found)


def field_of(name: str, raw: Mapping[str, Any], required: bool) -> Field:
    choices = tuple(str(one) for one in raw.get("enum", ()))
    if raw.get("type") == "boolean":
        choices = ("true", "false")
    kinds: dict[Any, Any] = {"integer": "whole", "number": "number"}
    default = raw.get("default")
    return Field(
        name=name,
        kind="choice" if choices else kinds.get(raw.get("type"), "text"),
        hint=str(raw.get("description", "")),
        required=required,
        given="" if default is None else str(default).lower() if default in (True, False) else str(default),
        choices=choices,
        least=raw.get("minimum"),
        most=raw.get("maximum"),
    )  # fmt: skip


def resolved(raw: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A property with its reference followed, and of a choice with nothing the something."""
    if "$ref" in raw:
        name = str(raw["$ref"]).rpartition("/")[2]
        return {**schema.get("$defs", {}).get(name, {}), **raw}
    for one in raw.get("anyOf", ()):
        if one.get("type") != "null":
            return {**resolved(one, schema), **raw}
    return raw


def read(
    fields: Sequence[Field], given: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """(values, what is wrong by field); what nobody filled in is left to its default."""
    values, errors = {}, {}
    for field in fields:
        text = given.get(field.name, "").strip()
        if why := field.wrong(text):
            errors[field.name] = why
        elif text:
            values[field.name] = text
    return values, errors
