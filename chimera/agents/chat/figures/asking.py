"""A question over data, from the words of a person: its roles, the statement, a follow-up on it."""

from __future__ import annotations

import re
from datetime import date

from chimera.agents.chat.figures.columns import dates, meant, measured, measures
from chimera.agents.chat.figures.comparisons import Narrowed
from chimera.agents.chat.figures.conditions import narrowed
from chimera.agents.chat.figures.heard import heard
from chimera.agents.chat.figures.question import Condition, Figure, Question
from chimera.agents.chat.figures.roles import SPOKEN, Heard
from chimera.agents.chat.figures.values import Values
from chimera.agents.chat.shape import Reply
from chimera.platform.access.similar import or_near

UNKNOWN = re.compile(
    r"\b(?:where|whose|having)\s+(?:the\s+|an?\s+)?(?P<c>[a-z_]+)\s+(?:is|are|was|=|above|over|below|under)"
)


def question(
    text: str,
    table: str,
    fields: dict[str, str],
    values: Values,
    today: date,
    before: Question | None,
) -> Question | Reply:
    """What is asked of a dataset, or why it cannot be. `before`: what a follow-up goes on from."""
    bare = text.replace("`", " ")
    for name in dict.fromkeys((table, table.replace("_", " "))):  # its own words are no columns
        named = rf"(?<!\w){re.escape(name)}(?!\w)(?: dataset| table)?"
        bare = re.sub(rf"\b(?:in|from|of|to)(?: the| our)? {named}", " ¦ rows ¦ ", bare, flags=re.I)
        bare = re.sub(named, " rows ", bare, flags=re.I)
    found = narrowed(bare, table, fields, values, today)
    if (match := UNKNOWN.search(found.rest.lower())) and not meant(match["c"], fields):
        return no_column(table, match["c"], fields)
    if found.problem.startswith("on which"):
        return Reply(
            kind="question",
            text=f"{found.problem[0].upper()}{found.problem[1:]} It has {', '.join(fields)}.",
        )
    if found.problem:
        said_ = f"There is no such row: {found.problem}.".replace("?.", "?")
        return Reply(text=said_)
    rest = found.rest.lower()
    said = heard(rest, table, fields, values, frozenset(c.column for c in found.conditions))
    if said.stranger:
        return no_column(table, said.stranger, fields)
    if said.lacking:
        there = ", ".join(fields)
        return Reply(
            kind="question", text=f"The {said.lacking} of which column? {table} has {there}."
        )
    if before is not None and before.table == table:
        return continued(before, said, found)
    strange = [w for w in re.findall(r"[a-z]+", rest) if SPOKEN.fullmatch(w)]
    counts = all(f.how == "count" for f in said.figures)
    if (
        strange
        and counts
        and not said.rank
        and not measured(strange[0], fields)
        and not meant(strange[0], fields)
    ):
        return no_column(table, strange[0], fields)
    if said.empty and not found.conditions:
        there = ", ".join(fields)
        return Reply(
            kind="question",
            text=f"What do you want to know of {table}? It has {there}: ask for rows, a count, a sum or the most.",
        )
    return whole(said, found)


def whole(said: Heard, found: Narrowed) -> Question:
    """The question, with what is usual where nothing was said."""
    figures = tuple(said.figures)
    conditions = tuple(found.conditions)
    groups = tuple(dict.fromkeys(said.groups))
    if figures and not groups and not said.rank:  # "MSC and Hapag": one beside the other
        several = [c.column for c in conditions if c.kind == "is" and len(c.values) > 1]
        if several and not re.search(r"\b(?:together|combined|or|both)\b", found.rest.lower()):
            groups = (several[0],)
    if any(not c.column for c in conditions) and said.show:
        groups, figures = tuple(said.show), (Figure(how="count"),)
    if groups and not figures:
        figures = (Figure(how="count"),)
    if any(f.how == "share" for f in figures):
        figures = tuple(f for f in figures if f.how == "share")
        if not conditions and not groups:
            figures = (Figure(how="count"),)
    days = dates(said.fields, said.values)
    if not (figures or said.rank or said.show or said.rows):
        figures = (Figure(how="count"),)
    return Question(
        table=said.table,
        fields=dict(said.fields),
        figures=figures if not said.rank else (),
        groups=groups if figures and not said.rank else (),
        unit=said.unit if groups and groups[0] in days else "",
        conditions=conditions,
        rank=said.rank,
        order=said.order,
        limit=said.limit,
        show=tuple(said.show) if not figures else (),
        skip=said.skip,
        exists=said.exists and not groups,
        timed=bool(groups and groups[0] in days and not said.ranked),
    )


def continued(before: Question, said: Heard, found: Narrowed) -> Question:
    """The question before with what is said now in its place."""
    new = found.conditions
    kept = [c for c in before.conditions if not any(replaces(one, c) for one in new)]
    changed: dict[str, object] = {"conditions": (*kept, *new)}
    if said.figures and not all(f.how == "count" for f in said.figures):
        changed |= {"figures": tuple(said.figures), "rank": "", "show": ()}
    elif said.figures and not said.groups and not new:
        changed |= {"figures": tuple(said.figures), "groups": (), "rank": "", "show": ()}
    if said.rank:
        changed |= {
            "rank": said.rank,
            "order": said.order,
            "limit": said.limit,
            "figures": (),
            "groups": (),
            "show": (),
        }
    if said.groups:
        changed |= {"groups": tuple(said.groups), "limit": said.limit, "order": said.order}
        if not before.figures and not said.figures:
            changed["figures"] = (Figure(how="count"),)
    if said.show and before.rank:
        changed["show"] = tuple(said.show)
    elif said.show and not new and before.figures:
        adds = [c for c in said.show if measuring(c, said)]
        if adds:
            how = before.figures[0].how
            changed["figures"] = tuple(
                Figure(how=how if how in ("avg", "max", "min", "median") else "sum", column=c)
                for c in adds
            )
        else:
            changed["groups"] = tuple(said.show)
    if said.ranked and not said.rank:
        changed["order"] = said.order
    return before.model_copy(update=changed)


def measuring(column: str, said: Heard) -> bool:
    return column in measures(said.fields)


def replaces(new: Condition, old: Condition) -> bool:
    """Whether a condition takes the place of one: on the same column, or both on days."""
    return new.column == old.column or (new.kind == "date" and old.kind == "date")


def no_column(table: str, word: str, fields: dict[str, str]) -> Reply:
    """The refusal of a noun that is no column, with those that there are."""
    near = or_near(word, fields)
    there = f" {table} has {', '.join(fields)}." if near.endswith("?") else ""
    return Reply(kind="refused", text=f"{table} has no column {word!r}{near}{there or '.'}")
