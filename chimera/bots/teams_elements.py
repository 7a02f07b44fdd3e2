"""The pieces of an Adaptive Card. What others wrote goes into text runs, which know no markup."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

Card = dict[str, Any]
Element = dict[str, Any]
ADAPTIVE = "application/vnd.microsoft.card.adaptive"
MOST = 26 * 1024  # bytes of a card: a message takes 28 KB, with its envelope
LINE, LINES = 1000, 40  # characters of a run, lines of a text
TITLE = 200
SHORTENED = "What is left out did not fit into one message."


def card(body: Iterable[Element], actions: Iterable[Element] = ()) -> Card:
    """A card within Teams' limit; what does not fit is left out from its end, and that is said."""
    made: Card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "msteams": {"width": "Full"},
        "body": [element for element in body if element],
        "actions": list(actions),
    }
    if size(made) <= MOST:
        return made
    made["body"].append(text(SHORTENED, isSubtle=True))
    while size(made) > MOST and shortened(made["body"]):
        continue
    return made


def shortened(body: list[Element]) -> bool:
    """Leave out the end of what stands before the note that says so; whether there was anything."""
    last = body[-2]
    for parts, fewest in (("rows", 2), ("items", 1), ("inlines", 1)):
        if len(last.get(parts, ())) > fewest:
            last[parts] = last[parts][: max(len(last[parts]) // 2, fewest)]
            return True
    if len(body) > 2:
        del body[-2]
        return True
    return False


def size(made: Card) -> int:
    """Bytes on the wire."""
    return len(json.dumps(made, ensure_ascii=False).encode())


def cut(said: str, most: int) -> str:
    """At most so many characters, an ellipsis where it was cut."""
    return said if len(said) <= most else said[: most - 1] + "…"


def run(said: str, **looks: Any) -> Element:
    """A stretch of text as it was written."""
    return {"type": "TextRun", "text": cut(said, LINE) or "\N{EM DASH}", **looks}


def runs(said: str, **looks: Any) -> list[Element]:
    """A line of any length."""
    return [run(said[at : at + LINE], **looks) for at in range(0, len(said), LINE)]


def line(*runs: Element, **looks: Any) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs), **looks}


def text(said: str, **looks: Any) -> Element:
    """Text with its line breaks: a block each line, since a run keeps none."""
    lines = [one.rstrip() for one in said.splitlines() if one.strip()]
    shown = [line(*runs(one, **looks), spacing="None") for one in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(line(run(f"… {len(lines) - LINES} more lines", isSubtle=True)))
    if len(shown) == 1:
        return {**shown[0], "spacing": "Default"}
    return {"type": "Container", "items": shown} if shown else {}


def facts(fields: Mapping[str, str]) -> list[Element]:
    """Name and value pairs, thirty at most."""
    return [
        line(run(f"{cut(name, TITLE)}: ", weight="Bolder"), run(" ".join(value.split())))
        for name, value in list(fields.items())[:30]
    ]


def links(targets: Mapping[str, str]) -> Element:
    """One line of links; what is no web address is shown as text."""
    runs: list[Element] = []
    for name, target in list(targets.items())[:20]:
        if len(target) > 2000:  # a link is shown whole or not at all
            continue
        if target.startswith(("http://", "https://")):
            open_ = {"type": "Action.OpenUrl", "url": target}
            runs.append(run(cut(name, TITLE), selectAction=open_))
        else:
            runs.append(run(cut(f"{name}: {target}", TITLE)))
        runs.append(run(" · "))
    return line(*runs[:-1]) if runs else {}


def table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Element:
    def row(cells: tuple[str, ...], **looks: Any) -> Element:
        return {
            "type": "TableRow",
            "cells": [
                {"type": "TableCell", "items": [line(run(" ".join(cell.split()), **looks))]}
                for cell in cells
            ],
        }

    return {
        "type": "Table",
        "columns": [{"width": 1} for _ in columns],
        "rows": [row(columns, weight="Bolder"), *(row(cells) for cells in rows)],
    }


def choices(*buttons: Element) -> Element:
    """Buttons within a card, below what they are about."""
    return {"type": "ActionSet", "actions": list(buttons)}


def opens(label: str, verb: str, data: Mapping[str, Any], style: str = "default") -> Element:
    """A button that opens a form: Teams asks for it with its data, and shows what comes back."""
    kept = {**data, "verb": verb, "msteams": {"type": "task/fetch"}}
    return {"type": "Action.Submit", "title": cut(label, 60), "style": style, "data": kept}


def image(url: str, words: str) -> Element:
    """A picture at an address that Teams can fetch; `words` are for those who do not see it."""
    return {
        "type": "Image",
        "url": url,
        "altText": cut(words, LINE),
        "size": "Stretch",
        "msteams": {"allowExpand": True},
    }


def button(label: str, verb: str, data: Mapping[str, Any], style: str = "default") -> Element:
    """Action.Execute answers whoever pressed it; clients without it send the same as a message."""
    title = cut(label, 60)
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": verb,
        "data": dict(data),
        "style": style,
        "fallback": {"type": "Action.Submit", "title": title, "data": {**data, "verb": verb}},
    }
