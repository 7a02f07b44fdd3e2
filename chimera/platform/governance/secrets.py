"""Secrets, by their values and by their looks: hidden wherever text leaves, in any usual spelling.

What Chimera itself was given (passwords, tokens, keys) is known by value. A value is found however
it is spelt: with characters put between, in other letters of the same look, backwards, in base64,
base32, hex, percent, decimal or binary codes. What nobody told Chimera of is told by its shape.
"""

from __future__ import annotations

import base64
import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from chimera.domain import Misconfigured
from chimera.platform.observability.redaction import HIDDEN, redacted
from chimera.platform.settings import Secret, Settings

LEAST = 6  # letters and digits of a value that can be told from ordinary words
RUN = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/=_-])")
WHOLE = re.compile(r"[A-Za-z0-9]{16,}")  # without a separator: no name that people read
COMMIT = re.compile(r"[0-9a-f]{40}")  # releases are called by these; no key has this form
RANDOM = 3.0  # bits a character; words and repeated digits have fewer
HOMOGLYPHS = str.maketrans("асеорхуіјкмнтвгѕԁɡαβεηικνορτυχ", "aceopxyijkmhtbrsdgabenikvoptux")


class Secrets:
    """What may not leave. Made once; `hide` is called on everything that goes out."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        found = {spelt for value in values for spelt in spellings(value)}
        ordered = sorted(found, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    @classmethod
    def of(cls, settings: Settings) -> Secrets:
        """Every secret that the settings refer to; one that is not there cannot leave."""
        values = []
        for reference in references(settings):
            try:
                values.append(reference.reveal())
            except Misconfigured:
                continue
        return cls(values)

    def hide(self, text: str) -> str:
        """The text with every secret replaced; the rest stays as it is."""
        return self._without_known(shapeless(redacted(self._without_known(text))))

    def holds(self, text: str) -> bool:
        """Whether a known value is in the text, however it is spelt."""
        return self._known is not None and self._known.search(plain(text)[0]) is not None

    def _without_known(self, text: str) -> str:
        if self._known is None:
            return text
        letters, places = plain(text)
        kept, last = [], 0
        for match in self._known.finditer(letters):
            start, end = places[match.start()], places[match.end() - 1] + 1
            if start >= last:
                kept += [text[last:start], HIDDEN]
                last = end
        return "".join(kept) + text[last:] if kept else text


def references(section: BaseModel) -> Iterator[Secret]:
    """Every reference to a secret in a section and the sections below it."""
    for _, value in section:
        for one in value if isinstance(value, tuple | list) else (value,):
            if isinstance(one, Secret):
                yield one
            elif isinstance(one, BaseModel):
                yield from references(one)


def plain(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text in one form, and where each of them stood."""
    if text.isascii():
        places = [at for at, sign in enumerate(text) if sign.isalnum()]
        return "".join(text[at] for at in places).lower(), places
    letters: list[str] = []
    places = []
    for at, sign in enumerate(text):
        same = unicodedata.normalize("NFKD", sign).lower().translate(HOMOGLYPHS)
        for letter in same:
            if letter.isalnum():
                letters.append(letter)
                places.append(at)
    return "".join(letters), places


def spellings(value: str) -> Iterator[str]:
    """How a value reads once everything but letters and digits is gone, in each usual code."""
    if len(plain(value)[0]) < LEAST:
        return
    raw = value.encode()
    for one in (value, value[::-1], codecs.encode(value, "rot13")):
        yield plain(one)[0]
    yield raw.hex()
    yield raw[::-1].hex()
    yield plain(base64.b32encode(raw).decode().rstrip("="))[0]
    for form in ("d", "o", "08b", "b"):
        yield "".join(format(byte, form) for byte in raw)
    for mark in ("x", "0x", "u00", "u"):
        yield "".join(f"{mark}{byte:02x}" for byte in raw)
    yield plain("".join(c if c.isalnum() else f"%{ord(c):02x}" for c in value))[0]
    for before in range(3):  # inside a longer text its base64 depends on where it begins
        coded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        first = -(-before * 8 // 6)
        inner = coded[first : len(coded) - 1 if (before + len(raw)) % 3 else len(coded)]
        if len(inner) >= LEAST:
            yield plain(inner)[0]


def shapeless(text: str) -> str:
    """Without what looks drawn at random: keys and tokens that nobody announced."""
    return RUN.sub(lambda run: HIDDEN if random_looking(run[0]) else run[0], text)


def random_looking(run: str) -> bool:
    """Whether a run of characters has letters and digits mixed as only generated ones have."""
    for part in WHOLE.findall(run):
        if COMMIT.fullmatch(part):
            continue
        digits = sum(sign.isdigit() for sign in part)
        counts = Counter(part)
        bits = -sum(n / len(part) * math.log2(n / len(part)) for n in counts.values())
        if digits >= 2 and len(part) - digits >= 2 and bits >= RANDOM:
            return True
    return False
