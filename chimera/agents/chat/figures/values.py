"""The values of a dataset's columns of texts, by which a question may narrow its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chimera.agents.chat.figures.question import NUMERIC
from chimera.agents.chat.shape import Looks
from chimera.agents.understanding.intents import english_words
from chimera.platform.access.datasets import quoted

COLUMNS = 10  # that are looked through
MOST = 200  # of each: a column with more is no category
SHORT = 3  # letters up to which a word of the language is no value

Values = Mapping[str, tuple[str, ...]]


async def values_of(looks: Looks, table: str, fields: Mapping[str, str]) -> Values:
    """Column -> its different values, of columns with few; one look."""
    texts = [c for c, kind in fields.items() if not NUMERIC.search(kind)][:COLUMNS]
    if not texts:
        return {}
    parts = (
        f"(SELECT list(x) FROM (SELECT DISTINCT CAST({quoted(c)} AS VARCHAR) AS x "
        f"FROM {quoted(table)} WHERE {quoted(c)} IS NOT NULL LIMIT {MOST + 1}) AS d{at}) "
        f"AS {quoted(c)}"
        for at, c in enumerate(texts)
    )
    look = await looks.see("ask_data", sql=f"SELECT {', '.join(parts)}")
    if not look.data or not look.data.rows:
        return {}
    found = zip(texts, look.data.rows[0], strict=True)
    return {c: tuple(sorted(map(str, vs))) for c, vs in found if vs and len(vs) <= MOST}


def spoken(said: str, value: str) -> re.Match[str] | None:
    """Where the words name a value as a whole word; one letter is too little to tell."""
    if len(value) < 2:
        return None
    exact = len(value) <= SHORT and value.lower() in english_words()
    pattern = rf"(?<![\w-]){re.escape(value)}(?:'s)?(?![\w-])"
    return re.search(pattern, said, 0 if exact else re.I)
