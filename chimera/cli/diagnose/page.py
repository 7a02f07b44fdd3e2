"""A report as one HTML page that needs nothing else: words, tables, and one picture."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chimera.cli.diagnose.report import Cause, Claim, Report, Table

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2em auto;padding:0 1em;"
    "color:#1f2328;background:#fff}h1{font-size:1.3em}h2{font-size:1.1em;margin-top:1.6em}"
    "li.for{list-style:'+  '}li.against{list-style:'\u2212  ';color:#8a3b00}"
    "figure{margin:1em 0}svg{max-width:100%;height:auto}td,th{padding:.2em .8em .2em 0;"
    "text-align:left;vertical-align:top}.soft,small{color:#59636e}code{font-size:.85em;"
    "overflow-wrap:anywhere}div.wide{overflow-x:auto}"
)
# The page has no script and loads nothing: a text that slipped through could do nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: Report) -> str:
    """The whole page. What others wrote (names, queries, log lines) is escaped."""
    body = [f"<h1>{escape(report.headline)}</h1><p class='soft'>{escape(report.context)}</p>"]
    for cause in report.causes:
        body.append(f"<h2>{escape(cause.name)}: {escape(cause.kind)}, {escape(cause.sure)}</h2>")
        body.append(f"<p>{escape(cause.says)}</p>" if cause.says else "")
        body.append(claims("for", cause.evidence) + claims("against", cause.against))
        body.append(f"<p>Repair: {escape(cause.repair)}</p>" if cause.repair else "")
    if report.picture:
        body.append(f"<figure>{report.picture.svg()}</figure>")
    if report.rivals:
        body.append(rivals(report.rivals))
    body += [tabled(table) for table in report.full]
    for title, texts in report.notes:
        if texts:
            items = "".join(f"<li>{escape(text)}</li>" for text in texts)
            body.append(f"<h2>{escape(title.capitalize())}</h2><ul>{items}</ul>")
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{escape(report.headline)}</title><style>{STYLE}</style>{''.join(body)}</html>\n"
    )


def claims(kind: str, said: Sequence[Claim]) -> str:
    return "<ul>" + "".join(f"<li class='{kind}'>{claimed(claim)}</li>" for claim in said) + "</ul>"


def claimed(claim: Claim) -> str:
    others = " <small>(written by others)</small>" if claim.untrusted else ""
    where = f"<br><code>{escape(claim.where)}</code>" if claim.where else ""
    link = ""
    if claim.link.startswith(("http://", "https://")):
        link = f" <a href='{escape(claim.link)}' rel='noreferrer'>open</a>"
    return escape(claim.text) + others + link + where


def rivals(causes: Sequence[Cause]) -> str:
    rows = [
        (
            cause.name,
            cause.sure,
            cause.says or (cause.evidence[0].text if cause.evidence else "no sign of its own"),
            "; ".join(claim.text for claim in cause.against),
        )
        for cause in causes
    ]
    columns = ("runner-up", "sure", "for it", "against it")
    return tabled(Table("Runners-up", columns, tuple(rows)))


def tabled(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}" for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) + "</tr>" for row in table.rows
    )
    return (
        f"<h2>{escape(table.title.capitalize())}</h2><div class='wide'><table><tr>{head}</tr>"
        f"{rows}</table></div>"
    )
