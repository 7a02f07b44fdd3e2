"""A diagnosis as one HTML page that needs nothing else: words, and cause and symptom as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from html import escape

import numpy as np

from chimera.cli.diagnose.sources import Case
from chimera.cli.diagnose.terminal import evidence, first_ones, headline, runners_up
from chimera.platform.pictures import Span, draw

BEFORE = 5  # times as much of the normal data as there is since the onset
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2em auto;padding:0 1em;"
    "color:#1f2328;background:#fff}h1{font-size:1.3em}h2{font-size:1.1em;margin-top:1.6em}"
    "li.for{list-style:'+  '}li.against{list-style:'\u2212  ';color:#8a3b00}"
    "figure{margin:1em 0}svg{max-width:100%;height:auto}td,th{padding:.2em .8em .2em 0;"
    "text-align:left;vertical-align:top}.soft{color:#59636e}"
)


def page(case: Case) -> str:
    """The whole page. What others wrote (names, log lines) is escaped."""
    ranking = case.ranking
    body = [
        f"<h1>{escape(headline(ranking))}</h1>",
        f"<p class='soft'>{escape(case.name)}, since {case.onset:%Y-%m-%d %H:%M:%S} UTC. Who calls "
        f"whom: {ranking.graph}. Looked at: {escape(', '.join(ranking.heard) or 'nothing')}.</p>",
    ]
    for named in first_ones(ranking):
        body.append(f"<h2>{escape(named.service)}: {named.kind.value}</h2>")
        body.append(_list("for", evidence(named)) + _list("against", named.against))
    body += [f"<figure>{svg}</figure>" for svg in pictures(case)]
    if runners := runners_up(ranking):
        body.append("<h2>Runners-up</h2><table><tr><th>Service<th>Score<th>Evidence")
        for named in runners:
            why = (evidence(named) or ["no sign of its own"])[0]
            body.append(
                f"<tr><td>{escape(named.service)}<td>{named.score:.2f}<td>{escape(why)}</tr>"
            )
        body.append("</table>")
    for title, texts in (("Outside", ranking.external), ("Look next", ranking.look_next)):
        if texts:
            body.append(f"<h2>{title}</h2>" + _list("", texts))
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>{escape(headline(ranking))}</title><style>{STYLE}</style>{''.join(body)}</html>\n"
    )


def _list(kind: str, texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li class='{kind}'>{escape(t)}</li>" for t in texts) + "</ul>"


def pictures(case: Case) -> Iterator[str]:
    """The first metric of each cause, then the symptom: one axis of time, the onset marked."""
    metrics = case.seen.metrics
    at = {pair: i for i, pair in enumerate(zip(metrics.services, metrics.names, strict=True))}
    wanted = []
    for named in first_ones(case.ranking):
        drawn = [m for m in named.metrics if (named.service, m) in at]
        wanted += [("cause", named.service, metric) for metric in drawn[:1]]
    target = case.seen.target
    if target is not None:
        symptom = next((m for s, m in at if s == target.service), "")
        metric = target.metric if (target.service, target.metric) in at else symptom
        wanted.append(("symptom", target.service, metric))
    length = metrics.since.shape[1]
    for role, service, metric in wanted:
        row = at.get((service, metric))
        if row is None or not length:
            continue
        before = metrics.before[row][-BEFORE * length :]
        values = np.concatenate([before, metrics.since[row]])
        first = case.onset - timedelta(seconds=case.step * len(before))
        times = [first + timedelta(seconds=case.step * n) for n in range(len(values))]
        yield draw(
            times,
            values,
            spans=[Span(case.onset)],
            title=f"{role}: {service}, {metric}",
            subtitle="normal data, then since the onset (marked)",
        ).svg()
