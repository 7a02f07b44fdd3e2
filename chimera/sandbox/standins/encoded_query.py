"""ServiceNow's encoded queries: `state=1^ORstate=2^short_descriptionLIKEdisk^ORDERBYDESCnumber`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Record = dict[str, str]

OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "NOT LIKE": lambda has, asked: asked.lower() not in has.lower(),
    "NOT IN": lambda has, asked: has not in asked.split(","),
    "STARTSWITH": lambda has, asked: has.lower().startswith(asked.lower()),
    "ENDSWITH": lambda has, asked: has.lower().endswith(asked.lower()),
    "ISNOTEMPTY": lambda has, _: has != "",
    "ISEMPTY": lambda has, _: has == "",
    "LIKE": lambda has, asked: asked.lower() in has.lower(),
    "IN": lambda has, asked: has in asked.split(","),
    "!=": lambda has, asked: has.lower() != asked.lower(),
    ">=": lambda has, asked: has >= asked,
    "<=": lambda has, asked: has <= asked,
    "=": lambda has, asked: has.lower() == asked.lower(),
    ">": lambda has, asked: has > asked,
    "<": lambda has, asked: has < asked,
}
CONDITION = re.compile(rf"([a-z][a-z0-9_.]*)({'|'.join(map(re.escape, OPERATORS))})(.*)", re.DOTALL)


def select(records: Iterable[Record], query: str) -> list[Record]:
    """The records that match, in the order asked for.

    `^` is and, `^OR` widens the condition before it, `^NQ` starts another query. As in the
    original, a condition on a field that does not exist is ignored.
    """
    found = list(records)
    conditions, orders = [], []
    for part in query.split("^"):
        if part.startswith("ORDERBYDESC"):
            orders.append((part.removeprefix("ORDERBYDESC"), True))
        elif part.startswith("ORDERBY"):
            orders.append((part.removeprefix("ORDERBY"), False))
        elif part and part != "EQ":
            conditions.append(part)
    matching = [record for record in found if matches(record, conditions)]
    for field, descending in reversed(orders):
        matching.sort(key=lambda record: record.get(field, ""), reverse=descending)
    return matching


def matches(record: Record, conditions: list[str]) -> bool:
    """Whether one of the queries holds: all its conditions, each with its alternatives."""
    queries: list[list[list[str]]] = [[]]
    for condition in conditions:
        if condition.startswith("NQ"):
            queries.append([[condition.removeprefix("NQ")]])
        elif condition.startswith("OR") and queries[-1]:
            queries[-1][-1].append(condition.removeprefix("OR"))
        else:
            queries[-1].append([condition])
    return any(all(any(holds(record, one) for one in ors) for ors in ands) for ands in queries)


def holds(record: Record, condition: str) -> bool:
    parsed = CONDITION.fullmatch(condition)
    if parsed is None or parsed[1] not in record:
        return True
    return OPERATORS[parsed[2]](record[parsed[1]], parsed[3])
