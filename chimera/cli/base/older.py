"""`--json FILE` as it was written before there was `--output FILE`: scripts go on working."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class JsonFile(TyperCommand):
    """A command whose `--json` once took a file. `-`, which meant to print, is the flag itself."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, modern(args))


def modern(words: list[str]) -> list[str]:
    """The words with `--json FILE.json` written as `--output FILE.json`."""
    found: list[str] = []
    for word in words:
        name, is_one, value = word.partition("=")
        if name == "--json" and is_one:
            found += ["--json"] if value == "-" else ["--output", value]
        elif found and found[-1] == "--json" and word == "-":
            continue
        elif found and found[-1] == "--json" and word.lower().endswith(".json"):
            found[-1:] = ["--output", word]
        else:
            found.append(word)
    return found
