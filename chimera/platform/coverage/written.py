"""A proposal as files that a person reads, corrects and keeps: chimera.toml and estate.yaml."""

from __future__ import annotations

import json
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator

from chimera.domain import Signal
from chimera.platform.coverage.cover import Coverage
from chimera.platform.coverage.proposal import Proposal

CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
SHOWN = 6  # services that a comment names
DEFAULTS = {name: field.default for name, field in Signal.model_fields.items()}


def settings_file(
    found: Coverage, url: str, token: str | None, environment: str, *, people: bool = False
) -> str:
    """chimera.toml: the connection, *observe*, and one `[[watch]]` row a signal."""
    step = found.inventory.step.total_seconds()
    head = [
        *_comment(
            "Proposed by `chimera init` from what Prometheus says. Review it: every row says why it "
            "is here. `chimera backtest` shows what would have fired; `chimera doctor` what has data."
        ),
        "",
        f"environment = {_value(environment)}",
        "",
        "[prometheus]",
        f"url = {_value(url)}",
        *([f"token = {_value(token)}"] if token else []),
        f"scrape_interval = {step:g}  # three in four of your targets are scraped as often",
        "",
        *_comment("Chimera records what it would do, and changes nothing."),
        f"[policy.trust.{_key(environment)}]",
        '"*" = "observe"',
        "",
        "[temporal]",
        'address = "127.0.0.1:7233"',
        'namespace = "chimera"',
        "",
        *_comment("Orders are signed with this; `chimera init` made it if it was not there."),
        "[identity]",
        'signing_key = "file:signing.key"',
        *(['people = "people.toml"'] if people else []),
        "",
    ]
    if found.estate.nodes:
        edges = sum(len(node.calls) for node in found.estate.nodes)
        head += [
            *_comment(f"{len(found.estate.nodes)} services and {edges} calls between them."),
            "[estate]",
            'file = "estate.yaml"',
            "",
        ]
    else:
        head += [
            *_comment(
                "No metric tells who calls whom, so there is no estate.yaml: troubles that begin "
                "together are one incident. See docs/configuration.md to write one."
            ),
            "",
        ]
    rows = [line for one in found.proposals for line in (*_row(one), "")]
    return "\n".join([*head, *rows, *_left(found)]).rstrip() + "\n"


def _row(one: Proposal) -> Iterator[str]:
    signal = one.signal
    yield from _comment(f"{one.why}. {_services(one.services)}")
    yield from _comment(
        f"{one.groups} series to judge, {one.raw} read; label {signal.service_label}."
    )
    yield "[[watch]]"
    for name, value in signal.model_dump(mode="json").items():
        if name in ("name", "kind", "metric", "floor") or value != _plain(DEFAULTS[name]):
            yield f"{name} = {_value(value)}"


def _services(services: Iterable[str]) -> str:
    names = sorted(services)
    if len(names) <= SHOWN:
        return "Services: " + ", ".join(names)
    return f"{len(names)} services: {', '.join(names[:SHOWN])}, ..."


def _left(found: Coverage) -> Iterator[str]:
    yield from _comment("What is not watched, and why:")
    why: dict[str, list[str]] = defaultdict(list)
    for one in found.left:
        why[one.why].append(one.metric)
    for reason, metrics in why.items():
        more = f" and {len(metrics) - SHOWN} more" if len(metrics) > SHOWN else ""
        yield from _comment(f"- {', '.join(metrics[:SHOWN])}{more}: {reason}")
    untold = found.untold.most_common()
    if untold:
        shown = ", ".join(f"{prefix}* ({count})" for prefix, count in untold[:20])
        more = f" and {len(untold) - 20} other prefixes" if len(untold) > 20 else ""
        total = sum(found.untold.values())
        yield from _comment(f"- {total} metrics that no naming convention knows: {shown}{more}")


def estate_file(found: Coverage) -> str:
    """estate.yaml: the services that call each other, and from which metric that is known."""
    lines = [
        *_comment(
            "Who calls whom, as Prometheus' metrics tell it. Review it: add owners, tiers and "
            "datasets. No runbook is allowed anywhere until a node names it. Services without an "
            "edge are left out on purpose: they are grouped by time."
        ),
        f"name: {_text(found.estate.name)}",
        f"environment: {_text(found.estate.environment)}",
        "nodes:",
    ]
    for node in found.estate.nodes:
        told = sorted({found.graph.calls[node.name][callee] for callee in node.calls})
        parts = [f"name: {_text(node.name)}"]
        parts += [f"kind: {node.kind}"] if node.kind != "service" else []
        parts += [f"tier: {node.tier}"]
        if node.calls:
            parts.append(f"calls: [{', '.join(map(_text, node.calls))}]")
        comment = f"  # {', '.join(told)}" if told else ""
        lines.append(f"  - {{{', '.join(parts)}}}{comment}")
    alone = [s for s in found.services if found.estate.node(s) is None]
    if alone:
        shown = ", ".join(alone[:40]) + (", ..." if len(alone) > 40 else "")
        lines += _comment(f"Watched, and without a known edge: {shown}", indent="  ")
    return "\n".join(lines) + "\n"


def _comment(text: str, indent: str = "") -> list[str]:
    """Comment lines; what others wrote (labels, names) cannot leave them."""
    wrapped = textwrap.wrap(CONTROL.sub(" ", text), 100 - len(indent), break_on_hyphens=False)
    return [f"{indent}# {line}" for line in wrapped]


def _value(value: object) -> str:
    """A TOML value; its basic strings are JSON's, without the escape of a slash."""
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return f"{value:.1f}"
    if isinstance(value, str) and '"' in value and "'" not in value and not CONTROL.search(value):
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _text(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z][\w.-]*", text) and not _word(text) else json.dumps(text)


def _word(text: str) -> bool:
    """Whether YAML reads it as something else than text."""
    return text.lower() in (
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
        "nan",
        "inf",
    )


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else json.dumps(text)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
