"""Names in a message: of the estate's nodes, metrics, runbooks, service levels; typos and strangers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chimera.agents.understanding.known import Known, Named
from chimera.agents.understanding.spelling import closest, mended, name_like
from chimera.platform.access.similar import near, plain

__all__ = ["Known", "Named", "names_in", "suggestion", "unnamed"]

WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-:/.@']*[A-Za-z0-9_]|[A-Za-z0-9_]")
INCIDENT = re.compile(r"\bINC-\d+\b(?!/)", re.I)
ORDER = re.compile(r"\b(?:INC|MAN)-\w+/\d+\b", re.I)
SILENCE = re.compile(r"\bSIL-[0-9a-f]{8}\b", re.I)
BEFORE = frozenset((
    "of", "for", "on", "about", "with", "service", "services", "dataset", "datasets", "pipeline",
    "step", "table", "product", "called", "named", "restart", "scale", "silence", "mute", "does",
    "is", "are", "was", "did", "has", "into", "to", "from", "against", "in",
))  # fmt: skip
AFTER = frozenset(("service", "dataset", "pipeline", "step", "table", "product", "slo"))
PLACED = frozenset(("is", "are", "was", "does", "did", "has"))  # a name may stand behind, or a word
IT = frozenset(("it", "its", "that", "this", "there", "them", "they", "one"))


def names_in(text: str, known: Known, vocabulary: frozenset[str]) -> Named:
    """Find every name; what is no word and stands where a name would is `unknown`."""
    incident, order, silence = (
        match.group().upper() if (match := pattern.search(text)) else ""
        for pattern in (INCIDENT, ORDER, SILENCE)
    )
    if order:  # ids of orders people place are lower case hexadecimal
        order = ORDER.search(text).group()  # type: ignore[union-attr]
        order = order[:3].upper() + order[3:].lower()
    if silence:
        silence = silence[:3] + silence[3:].lower()
    masked = SILENCE.sub(" xsilence ", INCIDENT.sub(" xincident ", ORDER.sub(" xorder ", text)))
    words = WORD.findall(masked)
    names: dict[str, tuple[str, str]] = {}  # as it is written plainly -> (kind, name)
    for kind, every in (
        ("slo", known.objectives),
        ("node", known.nodes),
    ):
        for name in every:
            names[plain(name)] = (kind, name)
    exact = {name: ("metric", name) for name in known.metrics}
    exact |= {name: ("runbook", name) for name in known.runbooks}
    columns = {plain(c): c for cs in known.columns.values() for c in cs}
    out: list[str] = []
    found: dict[str, list[str]] = {}
    unknown: list[str] = []
    guessed: dict[str, str] = {}
    sloppy = sum(bool(mended(word.lower(), vocabulary)) for word in words) > 1
    at = 0
    while at < len(words):
        for size in (4, 3, 2, 1):
            piece = " ".join(words[at : at + size])
            key = plain(re.sub(r"'s$", "", piece))
            hit = names.get(key) or (names.get(key[:-1]) if key.endswith("s") else None)
            if size == 1 and piece not in vocabulary:  # these are written exactly, or not meant
                hit = exact.get(piece, hit)
            # A name that is a plain word ("forecast") is one only by itself, never in pieces.
            if hit and at + size <= len(words):
                found.setdefault(hit[0], []).append(hit[1])
                out.append(_placeholder(hit, known))
                at += size
                break
        else:
            word = words[at]
            low = word.lower()
            if low in columns:
                found.setdefault("column", []).append(columns[low])
            said = _other(
                word, words, at, known, vocabulary, columns, found, unknown, guessed, sloppy
            )
            out.append(said)
            at += 1
    shown = " ".join(out)
    if "xdata" in out:  # a column is one only where a dataset is spoken of
        shown = " ".join("xcolumn" if word in columns else word for word in out)
    return Named(
        nodes=tuple(dict.fromkeys(found.get("node", ()))),
        incident=incident,
        order=order,
        silence=silence,
        runbook=next(iter(found.get("runbook", ())), ""),
        objective=next(iter(found.get("slo", ())), ""),
        metric=next(iter(found.get("metric", ())), ""),
        columns=tuple(dict.fromkeys(found.get("column", ()))),
        unknown=tuple(dict.fromkeys(unknown)),
        guessed=guessed,
        pronoun=any(word.lower() in IT for word in words),
        text=shown,
    )


def _placeholder(hit: tuple[str, str], known: Known) -> str:
    kind, name = hit
    if kind == "node":
        return "xdata" if known.is_data(name) else "xnode"
    return {"metric": "xmetric", "runbook": "xrunbook", "slo": "xslo"}[kind]


def _other(
    word: str,
    words: list[str],
    at: int,
    known: Known,
    vocabulary: frozenset[str],
    columns: Mapping[str, str],
    found: dict[str, list[str]],
    unknown: list[str],
    guessed: dict[str, str],
    sloppy: bool,
) -> str:
    """A word that is no name: an English word, a typo of a name, or a stranger."""
    low = word.lower()
    if low in vocabulary:
        return low
    low = re.sub(r"'s?$", "", low)
    if all(part in vocabulary for part in re.split(r"[-_/]", low)):
        return low
    if (
        low in vocabulary
        or low.rstrip("s") in vocabulary
        or low in columns
        or low.startswith("x")
        or re.fullmatch(r"[\d.:%]+\w?", low)
    ):
        return low
    if len(low) > 3:
        meant = closest(low, (n.lower() for n in known.nodes))
        if meant:
            name = next(n for n in known.nodes if n.lower() == meant)
            if not closest(low, vocabulary, 0.86) or name_like(low):
                guessed[word] = name
                found.setdefault("node", []).append(name)
                return _placeholder(("node", name), known)
    fixed = closest(low, vocabulary, 0.86) if len(low) > 4 and not name_like(low) else ""
    if not fixed:
        swapped = (low[:i] + low[i + 1] + low[i] + low[i + 2 :] for i in range(len(low) - 1))
        fixed = next((word for word in swapped if len(low) > 3 and word in vocabulary), "")
    placed = words[at - 1].lower() if at else ""
    if not fixed and (placed not in BEFORE or (sloppy and placed in PLACED)):
        fixed = mended(low, vocabulary)
    if fixed and fixed[0] == low[0]:
        guessed[word] = fixed
        return fixed
    before = words[at - 1].lower() if at else ""
    after = words[at + 1].lower() if at + 1 < len(words) else ""
    if before in BEFORE or after in AFTER or name_like(low):
        unknown.append(word)
        return "xunknown"
    return low


def unnamed(text: str, named: Named) -> str:
    """The text without the names in it: what is left speaks of them."""
    written = (*named.nodes, *(word for word, name in named.guessed.items() if name in named.nodes))
    for name in sorted(written, key=len, reverse=True):
        loose = r"[\W_]+".join(re.escape(part) for part in plain(name).split())
        text = re.sub(rf"(?<![^\W_]){loose}(?![^\W_])", " ", text, flags=re.I)
    return text


def suggestion(word: str, known: Known) -> str:
    """`; did you mean payments?`, of the nodes."""
    like = near(word, known.nodes)
    if like:
        return f"Did you mean {' or '.join(like)}?"
    return f"I know {', '.join(known.nodes[:12])}." if known.nodes else "I know no names here."
