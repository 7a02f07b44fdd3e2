"""Log templates, learnt line by line: a fixed-depth tree after Drain.

P. He, J. Zhu, Z. Zheng, M. Lyu: Drain: an online log parsing approach with fixed depth tree, ICWS
2017. Lines are routed by their length and first words; within a leaf a line joins the template that
it agrees with most, if that is enough, and the words that differ become wildcards. Memory is
bounded: beyond `most` templates the one that was not seen for longest is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from chimera.diagnosis.logs.masking import ANY, words

VERSION = 1
Key = tuple[str, ...]


@dataclass
class Template:
    """The words that lines have in common, and how many were seen."""

    number: int
    words: tuple[str, ...]
    count: int = 0

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass
class Drain:
    """Give each line the number of its template.

    `alike` is the share of words that must agree, `depth` the number of leading words that must
    be the same, `most` the number of templates kept. Numbers are never used again.
    """

    alike: float = 0.6
    depth: int = 2
    most: int = 4_000
    templates: OrderedDict[int, Template] = field(default_factory=OrderedDict)
    _leaves: dict[Key, list[int]] = field(default_factory=dict, repr=False)
    _places: dict[int, Key] = field(default_factory=dict, repr=False)
    _next: int = 0

    def learn(self, message: str, place: str = "", names: frozenset[str] = frozenset()) -> Template:
        """The template of this line; templates of different places (services) are never mixed."""
        found = words(message, names)
        key = self._key(place, found)
        leaf = self._leaves.setdefault(key, [])
        best, agreed = None, -1.0
        for number in leaf:
            share = likeness(self.templates[number].words, found)
            if share > agreed:
                best, agreed = self.templates[number], share
        if best is None or agreed < self.alike:
            best = Template(self._next, found)
            self._next += 1
            leaf.append(best.number)
            self.templates[best.number] = best
            self._places[best.number] = key
            self._forget()
        elif best.words != found:
            best.words = tuple(a if a == b else ANY for a, b in zip(best.words, found, strict=True))
        best.count += 1
        self.templates.move_to_end(best.number)
        return best

    def _key(self, place: str, found: Key) -> Key:
        fixed = [word for word in found if word != ANY]  # a time of day in front says nothing
        return (place, str(len(found)), *fixed[: self.depth])

    def _forget(self) -> None:
        while len(self.templates) > self.most:
            number, _ = self.templates.popitem(last=False)
            key = self._places.pop(number)
            self._leaves[key].remove(number)
            if not self._leaves[key]:
                del self._leaves[key]

    def state(self) -> dict[str, Any]:
        """What to save so that another run goes on with the same templates: plain JSON."""
        return {
            "version": VERSION,
            "alike": self.alike,
            "depth": self.depth,
            "most": self.most,
            "next": self._next,
            "templates": [
                [t.number, list(self._places[t.number]), list(t.words), t.count]
                for t in self.templates.values()
            ],
        }

    @classmethod
    def resume(cls, state: Mapping[str, Any]) -> Self:
        """Go on from a saved state. Raises ValueError for one of another version."""
        if state.get("version") != VERSION:
            raise ValueError(f"log templates of version {state.get('version')} cannot be read")
        drain = cls(state["alike"], state["depth"], state["most"])
        drain._next = state["next"]
        for number, key, said, count in state["templates"]:
            place = tuple(key)
            drain.templates[number] = Template(number, tuple(said), count)
            drain._places[number] = place
            drain._leaves.setdefault(place, []).append(number)
        return drain


def likeness(template: Key, line: Key) -> float:
    """The share of words that agree; a wildcard agrees with nothing, as in the paper."""
    if not template:
        return 1.0
    return sum(a == b and a != ANY for a, b in zip(template, line, strict=True)) / max(
        1, sum(a != ANY for a in template)
    )
