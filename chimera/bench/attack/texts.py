"""The attack texts: lines of JSON with an id and a text, in which `<INSTRUCTION>` stands for the goal.

`<INSTRUCTION:base64>` is the goal in another spelling (`spellings.SPELT`), `<RECORD>` on a line of
its own begins the next record of the same carrier.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chimera.bench.attack.goals import Goal
from chimera.bench.attack.spellings import SPELT
from chimera.domain import Misconfigured, NotFound

OWN = Path(__file__).parent / "texts.jsonl"
PLACE = re.compile(r"<INSTRUCTION(?::(\w+))?>")
RECORD = "\n<RECORD>\n"  # what follows is another record of the same carrier


@dataclass(frozen=True)
class Text:
    """One attack, still without its goal."""

    id: str
    text: str

    def records(self, goal: Goal) -> tuple[str, ...]:
        """The attack for a goal; more than one where it is split over several records."""

        def put(match: re.Match[str]) -> str:
            if match[1] in ("first", "second"):
                words = goal.instruction.split()
                half = len(words) // 2
                return " ".join(words[:half] if match[1] == "first" else words[half:])
            return SPELT[match[1]](goal.instruction) if match[1] else goal.instruction

        return tuple(PLACE.sub(put, self.text).split(RECORD))


def read(file: Path | None = None) -> tuple[Text, ...]:
    """The texts of a file, or Chimera's own. Raises Misconfigured with the line."""
    path = file or OWN
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}; correct its name") from error
    except OSError as error:
        raise Misconfigured(f"the texts {path} cannot be read: {error.strerror}") from error
    found = tuple(parsed(path, lines))
    if not found:
        raise Misconfigured(f"{path} holds no text")
    twice = sorted({t.id for t in found if sum(o.id == t.id for o in found) > 1})
    if twice:
        raise Misconfigured(f"{path}: two texts have the id {twice[0]!r}")
    return found


def parsed(path: Path, lines: list[str]) -> Iterator[Text]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            # Half a character, which JSON can hold, could be written to no carrier.
            whole = str(said["text"]).encode(errors="replace").decode()
            one = Text(str(said["id"]), whole)
        except (ValueError, KeyError, TypeError) as error:
            raise Misconfigured(
                f'{path}, line {number}: each line is {{"id": ..., "text": ...}} ({error})'
            ) from error
        places = PLACE.findall(one.text)
        strange = [name for name in places if name and name not in (*SPELT, "first", "second")]
        if strange:
            raise Misconfigured(
                f"{path}, line {number}: {one.id}: no spelling is called {strange[0]!r}"
            )
        yield one
