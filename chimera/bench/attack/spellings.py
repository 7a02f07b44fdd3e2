"""Ways to write a text so that a filter does not see it, and a reader that sees through them."""

from __future__ import annotations

import base64
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote

ZERO_WIDTH, TAGS = "\u200b", 0xE0000
LOOKALIKE = str.maketrans("aceopxyi", "асеорхуі")
PLAIN = str.maketrans("асеорхуі", "aceopxyi")
LEET = str.maketrans("aeiost", "4310$7")
UNLEET = str.maketrans("4310$7", "aeiost")

SPELT: dict[str, Callable[[str], str]] = {
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "base32": lambda t: base64.b32encode(t.encode()).decode(),
    "hex": lambda t: t.encode().hex(),
    "rot13": lambda t: codecs.encode(t, "rot13"),
    "reversed": lambda t: t[::-1],
    "percent": lambda t: "".join(f"%{b:02X}" for b in t.encode()),
    "entities": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "escapes": lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
    "fullwidth": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "zero_width": lambda t: ZERO_WIDTH.join(t),
    "lookalike": lambda t: t.translate(LOOKALIKE),
    "tags": lambda t: "".join(chr(TAGS + ord(c)) for c in t),
    "spaced": lambda t: " ".join(t.replace(" ", "_")),
    "leet": lambda t: t.translate(LEET),
    "capitals": lambda t: t.upper(),
    "lines": lambda t: t.replace(" ", "\n"),
    "quoted": quote,
    "codes": lambda t: "-".join(str(b) for b in t.encode()),
}
DROPPED = re.compile(r"[^A-Za-z0-9]+")
TAGGED = re.compile(f"[{chr(TAGS + 1)}-{chr(TAGS + 127)}]+")
UNTAG = {TAGS + code: code for code in range(1, 128)}
CODES = re.compile(r"\b\d{2,3}(?:[^\d\n]{1,2}\d{2,3}){5,}\b")
RUNS = re.compile(r"[A-Za-z0-9+/=]{16,}")


def letters(text: str) -> str:
    """Letters and digits alone, in one form: what two spellings of one text share."""
    if text.isascii():
        return DROPPED.sub("", text).lower()
    same = unicodedata.normalize("NFKC", text).translate(PLAIN).lower()
    return "".join(filter(str.isalnum, same))


def readings(text: str) -> Iterator[str]:
    """A text as every spelling reads it back, as letters and digits: a very able reader."""
    unescaped = re.sub(r"\\{1,2}u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    hidden = "" if text.isascii() else "".join(TAGGED.findall(unescaped)).translate(UNTAG)
    unescaped = re.sub(r"&#(\d{1,6});", lambda m: chr(int(m[1])), unescaped)
    bare = letters(unescaped)
    yield bare
    yield bare[::-1]
    yield letters(codecs.encode(unescaped, "rot13"))
    yield letters(unescaped.lower().translate(UNLEET))
    if "%" in unescaped:
        yield letters(unquote(unescaped))
    if hidden:
        yield letters(hidden)
    for codes in CODES.findall(unescaped):
        yield letters("".join(chr(int(code)) for code in re.findall(r"\d+", codes)))
    for run in RUNS.findall(unescaped):
        for decoded in decodings(run):
            yield letters(decoded)


def decodings(run: str) -> Iterator[str]:
    for decode in (base64.b64decode, base64.b32decode, bytes.fromhex):
        for first in range(4 if decode is base64.b64decode else 1):
            piece = run[first:]
            if decode is base64.b64decode:
                piece = piece.rstrip("=")
                piece += "=" * (-len(piece) % 4)
            try:
                yield decode(piece).decode()
            except (ValueError, TypeError):
                continue


def holds(text: str, *wanted: str) -> bool:
    """Whether a text says one of these, in whatever spelling."""
    sought = [letters(one) for one in wanted]
    return any(one in reading for reading in readings(text) for one in sought)
