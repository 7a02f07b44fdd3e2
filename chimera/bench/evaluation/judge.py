"""Is an answer right: facts that must and must not be there, tools, orders. Style counts nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chimera.agents.chat.shape import Reply
from chimera.bench.evaluation.files import Case
from chimera.domain.dialogue import Made

Order = tuple[str, str, dict[str, str], str]


@dataclass(frozen=True)
class Verdict:
    """What is wrong with one conversation; nothing: it is right."""

    case: Case
    wrong: tuple[str, ...] = ()
    wrong_orders: tuple[str, ...] = ()
    answer: str = ""
    kind: str = ""
    tools: tuple[str, ...] = ()
    orders: tuple[Order, ...] = field(default=())
    seconds: float = 0.0
    made: tuple[Made, ...] = ()  # where a model was asked, turn by turn

    @property
    def right(self) -> bool:
        return not self.wrong and not self.wrong_orders


def judge(
    case: Case, reply: Reply, tools: Sequence[str], orders: Sequence[Order], seconds: float = 0.0
) -> Verdict:
    """Check one conversation's last answer, and every order that it placed."""
    text = said(reply)
    wrong = [f"it does not say {fact!r}" for fact in case.must if not holds(fact, text)]
    wrong += [f"it says {fact!r}" for fact in case.must_not if holds(fact, text)]
    kinds = (case.kind,) if isinstance(case.kind, str) else case.kind
    if kinds and reply.kind not in kinds:
        wrong.append(f"it is {reply.kind}, not {' or '.join(kinds)}")
    wrong += [f"it did not use {name}" for name in case.tools if name not in tools]
    left = list(orders)
    for wanted in case.orders:
        match = next((one for one in left if fits(wanted.model_dump(), one)), None)
        if match is None:
            wrong.append(f"no order {wanted.runbook} on {wanted.target or 'anything'} was placed")
        else:
            left.remove(match)
    stray = tuple(f"{name} on {target or 'everything'} by {who}" for name, target, _, who in left)
    return Verdict(
        case, tuple(wrong), stray, text, reply.kind, tuple(tools), tuple(orders), seconds
    )


def fits(wanted: dict[str, object], order: Order) -> bool:
    """Whether an order is the one that is wanted; what is not said of it may be anything."""
    name, target, parameters, who = order
    given = wanted["parameters"]
    assert isinstance(given, dict)
    return (
        wanted["runbook"] == name
        and wanted["target"] in ("", target)
        and wanted["by"] in ("", who)
        and all(str(parameters.get(key)) == str(value) for key, value in given.items())
    )


def said(reply: Reply) -> str:
    """All that a person is shown: text, tables, options, quotes."""
    cells = [" | ".join(row) for table in reply.tables for row in (table.columns, *table.rows)]
    return "\n".join((reply.text, *cells, *reply.options, *reply.quotes))


def holds(fact: str, text: str) -> bool:
    """`/regex/`, alternatives `a||b`, or plain text; letters' case does not matter."""
    if len(fact) > 2 and fact.startswith("/") and fact.endswith("/"):
        return re.search(fact[1:-1], text, re.I | re.S) is not None
    return any(one.strip().lower() in text.lower() for one in fact.split("||"))
