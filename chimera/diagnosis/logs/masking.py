"""A log line as words, with what changes from line to line taken out."""

from __future__ import annotations

import re

ANY = "<*>"
SERVICE = "<service>"
WORDS = 24  # a template is known by how a line begins; what follows is mostly payload
LETTERS = 600  # and nothing beyond these characters is looked at

_IDS = re.compile(r"(?i)\b(?:trace|span|parent|request|correlation)[_-]?id[\"']?\s*[:=]\s*\S+")
_VARIABLE = re.compile(
    r"""
      \b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b   # uuid
    | \b\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d:\d\d\S*)?               # date, with a time
    | \b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\b                     # time
    | \b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b                       # address
    | \b\S+@\S+\.\S+\b                                           # mail
    | \b[a-z][a-z0-9+.-]*://\S+                                  # URL
    | \b0x[0-9a-fA-F]+\b
    | \b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{12,}\b                     # hash
    | \beyJ[\w.-]+                                               # token
    | (?<![\w\#.$])[-+]?\d[\d.,_]*(?:[a-zA-Z%]{1,3}\b)?          # number, with its unit
    """,
    re.VERBOSE,
)
_WORD = re.compile(r"<\*>|[\w$.#<>*/-]+|[^\w\s]")
_EDGE = ".,;:-"


def distinctive(name: str) -> bool:
    """A name that in a log line means the service; "user" or "orders" may mean anything."""
    return len(name) >= 12 or (len(name) >= 5 and not name.isalpha())


def words(message: str, names: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The words of a line, at most `WORDS`; numbers, ids and addresses become `<*>`.

    The `names` of services become `<service>`: "no instances of X" is one template, whoever X is. A
    number that belongs to a word stays (`OrderService#37` is a place in the code).
    """
    text = _VARIABLE.sub(ANY, _IDS.sub(" ", message[:LETTERS]))
    found: list[str] = []
    blames = False
    for match in _WORD.finditer(text):
        word = match.group().strip(_EDGE)
        if not word or (len(word) == 1 and not word.isalnum()):
            continue
        if word in names:
            word, blames = SERVICE, True
        elif ANY in word:
            word = ANY
        if len(found) == WORDS or (word == ANY and found and found[-1] == ANY):
            continue  # a list of values is as one value, however long
        found.append(word)
    if blames and SERVICE not in found:
        found[-1] = SERVICE  # that a line names a service is told, however late it does so
    return tuple(found)
