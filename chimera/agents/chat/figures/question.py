"""A question over one dataset by its roles, and the one SELECT that it is."""

from __future__ import annotations

import re
from typing import Literal

from chimera.domain import Value
from chimera.platform.access.datasets import quoted

NUMERIC = re.compile(r"INT|DOUBLE|FLOAT|DECIMAL|REAL|NUMERIC", re.I)
MOST = 50  # rows that are listed
How = Literal["count", "distinct", "sum", "avg", "median", "max", "min", "share"]
Kind = Literal["is", "not", "compare", "null", "filled", "date"]


class Figure(Value):
    """One number that is asked for."""

    how: How
    column: str = ""  # "": of the rows


class Condition(Value):
    """What narrows the rows. `values` are texts; a date condition has from, and until (excluded)."""

    column: str  # "": how many rows a group has
    kind: Kind
    values: tuple[str, ...] = ()
    sign: str = "="


class Question(Value):
    """What is asked (figures, or rows), of which rows, by which columns, in which order."""

    table: str
    fields: dict[str, str]
    figures: tuple[Figure, ...] = ()
    groups: tuple[str, ...] = ()
    unit: Literal["", "day", "month", "year"] = ""  # by which the first group, a date, is cut
    conditions: tuple[Condition, ...] = ()
    rank: str = ""  # the column by which rows are ranked
    order: Literal["DESC", "ASC"] = "DESC"
    limit: int = 0
    show: tuple[str, ...] = ()  # of rows; () shows all
    skip: int = 0  # rows before the one that is asked for: of the second, one
    exists: bool = False  # whether there is any
    timed: bool = False  # grouped by a time: in its order

    def sql(self) -> str:
        """The statement; of names that exist, with its texts quoted."""
        source = quoted(self.table)
        rows = [c for c in self.conditions if c.column]
        where = " AND ".join(self.written(c) for c in rows if not self.shared(c))
        tail = f" FROM {source}" + (f" WHERE {where}" if where else "")
        having = " AND ".join(
            f"count(*) {c.sign} {c.values[0]}" for c in self.conditions if not c.column
        )
        if self.groups and self.figures:
            return self.grouped(tail, having)
        if self.figures:
            return f"SELECT {', '.join(self.figure(f) for f in self.figures)}{tail}"
        if self.rank:
            tail += f"{' AND' if where else ' WHERE'} {quoted(self.rank)} IS NOT NULL"
            tail += f" ORDER BY {quoted(self.rank)} {self.order}"
        shown = dict.fromkeys((*self.show, *((self.rank,) if self.show and self.rank else ())))
        names = ", ".join(quoted(c) for c in shown) or "*"
        distinct = "DISTINCT " if self.show and not self.rank else ""
        return f"SELECT {distinct}{names}{tail} LIMIT {self.limit or MOST}{self.offset}"

    @property
    def offset(self) -> str:
        return f" OFFSET {self.skip}" if self.skip else ""

    def grouped(self, tail: str, having: str) -> str:
        named = []
        for at, column in enumerate(self.groups):
            if at == 0 and self.unit and self.unit != "day":
                size = {"month": 7, "year": 4}[self.unit]
                named.append(f"substr(CAST({quoted(column)} AS VARCHAR), 1, {size})")
            else:
                named.append(quoted(column))
        cut = bool(self.unit and self.unit != "day")
        first = [
            f"{n} AS {quoted(self.unit)}" if at == 0 and cut else n for at, n in enumerate(named)
        ]
        kept = [
            f"{self.expression(f)} AS {'value' if at == 0 else self.alias(f)}"
            for at, f in enumerate(self.figures)
        ]
        order = f"{named[0]} ASC" if self.timed and not self.limit else f"value {self.order}"
        return (
            f"SELECT {', '.join((*first, *kept))}{tail} GROUP BY {', '.join(named)}"
            f"{f' HAVING {having}' if having else ''} ORDER BY {order} LIMIT {self.limit or MOST}{self.offset}"
        )

    def figure(self, one: Figure) -> str:
        return f"{self.expression(one)} AS {self.alias(one)}"

    def alias(self, one: Figure) -> str:
        if one.how == "count":
            return "rows"
        return re.sub(r"\W", "_", f"{one.how}_{one.column}" if one.column else one.how)

    def expression(self, one: Figure) -> str:
        if one.how == "count":
            return f"count({quoted(one.column) if one.column else '*'})"
        if one.how == "distinct":
            return f"count(DISTINCT {quoted(one.column)})"
        if one.how == "share":
            of = " AND ".join(self.written(c) for c in self.conditions if self.shared(c))
            return f"round(100.0 * count(*) FILTER (WHERE {of or 'true'}) / count(*), 2)"
        number = quoted(one.column)
        if not NUMERIC.search(self.fields[one.column]) and one.how not in ("max", "min"):
            number = f"TRY_CAST({number} AS DOUBLE)"
        return f"{one.how}({number})"

    def shared(self, one: Condition) -> bool:
        """Whether a condition says of what a share is, and does not narrow the whole."""
        return bool(one.column) and any(f.how == "share" for f in self.figures)

    def written(self, one: Condition) -> str:
        column = quoted(one.column)
        numeric = bool(NUMERIC.search(self.fields[one.column]))
        values = [v if numeric else "'" + v.replace("'", "''") + "'" for v in one.values]
        if one.kind == "null":
            return f"{column} IS NULL"
        if one.kind == "filled":
            return f"{column} IS NOT NULL"
        if one.kind in ("is", "not"):
            listed = f"{column} {'NOT ' if one.kind == 'not' else ''}IN ({', '.join(values)})"
            return listed if one.kind == "is" else f"({listed} OR {column} IS NULL)"
        if one.kind == "date":
            text = f"CAST({column} AS VARCHAR)"
            begin, end = one.values
            parts = [f"{text} >= '{begin}'"] if begin else []
            return " AND ".join((*parts, *([f"{text} < '{end}'"] if end else ())))
        if one.sign == "between":
            return f"{column} BETWEEN {one.values[0]} AND {one.values[1]}"
        number = column if numeric else f"TRY_CAST({column} AS DOUBLE)"
        return f"{number} {one.sign} {one.values[0]}"
