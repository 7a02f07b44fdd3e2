"""Conditions that a question puts by naming values: "MSC boxes in port HAM" are two of them."""

from __future__ import annotations

import re

from chimera.agents.chat.shape import Ask, Looks
from chimera.platform.access.datasets import quoted

TEXT = re.compile(r"CHAR|TEXT|STRING|ENUM", re.I)
COLUMNS = 8  # that are looked through
VALUES = 200  # of each: a column with more is no category
SHORT = 3  # letters up to which case must match: "is" is no country


async def filtered(ask: Ask, looks: Looks, sql: str, table: str) -> str:
    """The statement with a condition for each value of a column that the question names.

    Nothing that was said is left out in silence: what is a value narrows the answer.
    """
    source = quoted(table)
    said = ask.reading.text.replace(table, " ")
    conditions = []
    for column in [c for c, kind in ask.known.columns[table].items() if TEXT.search(kind)][
        :COLUMNS
    ]:
        name = quoted(column)
        look = await looks.see(
            "ask_data", sql=f"SELECT DISTINCT {name} FROM {source} LIMIT {VALUES + 1}"
        )
        values = [str(row[0]) for row in look.data.rows if row[0]] if look.data else []
        named = [value for value in values if names(said, value)] if len(values) <= VALUES else []
        if named:
            listed = ", ".join("'" + value.replace("'", "''") + "'" for value in named)
            conditions.append(f"{name} IN ({listed})")
    if not conditions:
        return sql
    return sql.replace(f" FROM {source}", f" FROM {source} WHERE {' AND '.join(conditions)}", 1)


def names(said: str, value: str) -> bool:
    """Whether the words name a value; one letter is too little to tell."""
    flags = re.I if len(value) > SHORT else 0
    return len(value) > 1 and bool(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", said, flags))
