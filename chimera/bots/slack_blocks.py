"""Notices as Slack messages: Block Kit within Slack's limits, everything escaped."""

from __future__ import annotations

import json
from typing import Any

from chimera.domain import Notice, Severity

Block = dict[str, Any]
# Slack's limits: a header, a section, a field, how many fields a section holds.
HEADER, SECTION, FIELD, FIELDS = 150, 3000, 2000, 10
LABEL = 75  # of a button
APPROVE, DENY = "chimera_approve", "chimera_deny"
USEFUL, NOT_USEFUL, SILENCE = "chimera_useful", "chimera_not_useful", "chimera_silence"
NOT_THE_CAUSE = "chimera_not_the_cause"
LAMPS = {
    "resolved": ":large_green_circle:",
    "watching": ":large_blue_circle:",
    "repairing": ":wrench:",
    "waiting": ":raised_hand:",
    "handed_over": ":bust_in_silhouette:",
}


def escaped(text: str) -> str:
    """Text that Slack shows as it is: no link, no mention of a channel or person comes through."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """At most so many characters, an ellipsis where it was cut; never inside an entity."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    entity = kept.rfind("&", most - 6)
    if entity != -1 and ";" not in kept[entity:]:
        kept = kept[:entity]
    return kept + "…"


def section(markup: str) -> Block:
    return {
        "type": "section",
        "text": {"type": "mrkdwn", "text": cut(markup, SECTION) or "\N{EM DASH}"},
    }


def facts(fields: dict[str, str]) -> list[Block]:
    """Name and value pairs, ten to a section, thirty at most."""
    shown = [
        {"type": "mrkdwn", "text": cut(f"*{escaped(name)}*\n{escaped(value)}", FIELD)}
        for name, value in list(fields.items())[: 3 * FIELDS]
    ]
    return [
        {"type": "section", "fields": shown[start : start + FIELDS]}
        for start in range(0, len(shown), FIELDS)
    ]


def links(links: dict[str, str]) -> list[Block]:
    """One line of links; what is no web address is shown as text."""
    shown = []
    for name, target in links.items():
        target = escaped(target).replace("|", "%7C").replace(" ", "%20")
        label = escaped(name).replace("|", "/")
        web = target.startswith(("http://", "https://"))
        shown.append(f"<{target}|{label}>" if web else f"{label}: {target}")
    if not shown:
        return []
    kept: list[str] = []
    for one in shown:  # a link is shown whole or not at all
        if len(" · ".join([*kept, one])) <= SECTION:
            kept.append(one)
    if not kept:
        return []
    return [{"type": "context", "elements": [{"type": "mrkdwn", "text": " · ".join(kept)}]}]


def head(notice: Notice) -> tuple[str, list[Block]]:
    """The thread's first message: the incident as it stands. (fallback text, blocks)"""
    title = cut(f"{notice.incident}: {notice.title}", HEADER)
    phase = notice.phase or ("resolved" if notice.kind == "resolved" else "open")
    lamp = LAMPS.get(phase, ":red_circle:" if notice.severity == Severity.PAGE else ":warning:")
    state = f"{lamp} *{escaped(phase.replace('_', ' '))}* · {escaped(notice.severity)}"
    if notice.close_code:
        state += f" · {escaped(notice.close_code)}"
    if notice.impact or notice.priority:
        state += f"\n{escaped(notice.impact or notice.priority)}"
    state += "".join(f"\n:no_bell: {escaped(mark)}" for mark in notice.marks)
    return escaped(title), [
        {"type": "header", "text": {"type": "plain_text", "text": title}},
        section(state),
        section(escaped(notice.text)),
        *facts(notice.fields),
        *links(notice.links),
        *opinions(notice, phase),
    ]


def opinions(notice: Notice, phase: str) -> list[Block]:
    """Was it worth hearing of, and was it that? Only where there is something to speak of."""
    buttons = []
    if notice.signal:
        value = json.dumps({"incident": notice.incident})
        buttons += [button("Useful", USEFUL, value), button("Not useful", NOT_USEFUL, value)]
        if phase != "resolved":
            buttons.append(button("Silence 1 h", SILENCE, value))
    if notice.cause:
        # The cause that is shown, whatever is thought of later.
        value = json.dumps({"incident": notice.incident, "cause": notice.cause})
        buttons.append(button(cut(f"Not {notice.cause}", LABEL), NOT_THE_CAUSE, value))
    if not buttons:
        return []
    return [{"type": "actions", "block_id": "chimera_opinion", "elements": buttons}]


def reply(notice: Notice) -> tuple[str, list[Block]]:
    """One step of the story."""
    text = cut(f"*{escaped(notice.title)}*\n{escaped(notice.text)}", SECTION)
    return text, [section(text), *facts(notice.fields), *links(notice.links)]


def approval(notice: Notice) -> tuple[str, list[Block]]:
    """A plan with its buttons. Each carries the order and the hash of exactly this plan."""
    text, blocks = reply(notice)
    return text, [*blocks, answering(notice.order_id or "", notice.plan_hash or "")]


def answering(order: str, plan: str, block_id: str = "chimera_answer") -> Block:
    """Approve and Deny of exactly this plan; Deny asks for the reason."""
    value = json.dumps({"order": order, "plan": plan})
    buttons = [
        button("Approve", APPROVE, value, "primary"),
        button("Deny", DENY, value, "danger"),
    ]
    return {"type": "actions", "block_id": block_id, "elements": buttons}


def small(text: str) -> Block:
    """A line in small print."""
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": cut(escaped(text), SECTION)}],
    }


def button(label: str, action_id: str, value: str, style: str | None = None) -> Block:
    text = {"type": "plain_text", "text": label}
    made = {"type": "button", "text": text, "action_id": action_id, "value": value}
    return made | {"style": style} if style else made


def decided(notice: Notice, answer: str) -> tuple[str, list[Block]]:
    """The same plan after the answer: no buttons any more."""
    text, blocks = reply(notice)
    return text, [*blocks, small(answer)]
