"""The diagnosis of an incident that Chimera holds, as its API tells it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from chimera.cli.base.connection import connect, part
from chimera.cli.base.output import as_json, line, say
from chimera.cli.diagnose.page import STYLE


def of_incident(name: str, url: str | None, html: Path | None, json: bool) -> None:
    """Show it. Raises NotFound when it is neither a file nor an incident."""
    found: dict[str, Any] = connect(url).get(f"/incidents/{part(name)}")
    if html:
        html.write_text(_page(found))
    if json:
        as_json({"incident": found["id"], "diagnosis": found["diagnosis"]})
        return
    for level, text in _told(found):
        say("  " * level + line(text))


def _told(found: dict[str, Any]) -> list[tuple[int, str]]:
    """Depth and text of each line."""
    diagnosis = found["diagnosis"]
    said = [(0, f"{found['id']}  {found['title']}")]
    if not diagnosis:
        return [*said, (0, "not investigated yet")]
    said.append((0, diagnosis["summary"]))
    for place, finding in enumerate(diagnosis.get("findings", [])):
        rank = "cause" if place == 0 else "runner-up"
        said.append((0, f"{rank}  {finding['cause']}  {finding['confidence']:.0%}"))
        for evidence in finding["evidence"]:
            said.append((1, f"+ {evidence['claim']}  [{evidence['query']}]"))
    said += [(0, f"look next  {look}") for look in diagnosis.get("next_looks", [])]
    return said


def _page(found: dict[str, Any]) -> str:
    rows = "".join(
        f"<p style='margin-left:{level * 2}em'>{escape(line(text))}</p>"
        for level, text in _told(found)
    )
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>{escape(str(found['id']))}</title><style>{STYLE}</style>{rows}</html>\n"
    )
