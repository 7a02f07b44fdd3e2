"""Names that somebody may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

CLOSE = 0.6  # of difflib's ratio


def plain(name: str) -> str:
    """A name without case and separators: `orders-db`, `Orders DB` and `orders_db` are one."""
    return re.sub(r"[\s_\-./:]+", " ", name.lower()).strip()


def near(name: str, known: Iterable[str], most: int = 3, close: float = CLOSE) -> tuple[str, ...]:
    """The known names that are most like this one, the likest first; none if nothing is like it."""
    wanted = plain(name)
    scored = []
    for other in dict.fromkeys(known):
        theirs = plain(other)
        ratio = difflib.SequenceMatcher(None, wanted, theirs).ratio()
        parts = set(wanted.split()) & set(theirs.split())
        inside = len(wanted) > 2 and (wanted in theirs or theirs in wanted)
        scored.append((ratio + 0.25 * bool(parts) + 0.2 * inside, other))
    found = [(score, other) for score, other in scored if score >= close]
    return tuple(other for _, other in sorted(found, key=lambda one: (-one[0], one[1]))[:most])


def or_near(name: str, known: Iterable[str]) -> str:
    """`; did you mean a, b?` or, where nothing is near, what there is."""
    names = list(dict.fromkeys(known))
    if found := near(name, names):
        return f"; did you mean {' or '.join(found)}?"
    if not names:
        return "; there are none"
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"; there are {', '.join(sorted(names)[:8])}{more}"
