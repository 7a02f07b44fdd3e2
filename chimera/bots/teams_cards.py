"""Notices as Adaptive Cards: (what is shown where there is no card, the card)."""

from __future__ import annotations

from chimera.bots.teams_elements import (
    TITLE,
    Card,
    Element,
    button,
    card,
    cut,
    facts,
    line,
    links,
    opens,
    run,
    text,
)
from chimera.domain import Notice, Severity

APPROVE, DENY = "chimera_approve", "chimera_deny"
USEFUL, NOT_USEFUL, SILENCE = "chimera_useful", "chimera_not_useful", "chimera_silence"
NOT_THE_CAUSE = "chimera_not_the_cause"
LAMPS = {
    "resolved": "\N{LARGE GREEN CIRCLE}",
    "watching": "\N{LARGE BLUE CIRCLE}",
    "repairing": "\N{WRENCH}",
    "waiting": "\N{RAISED HAND}",
    "handed_over": "\N{BUST IN SILHOUETTE}",
}


def head(notice: Notice) -> tuple[str, Card]:
    """The thread's first message: the incident as it stands."""
    title = cut(f"{notice.incident}: {notice.title}", TITLE)
    phase = notice.phase or ("resolved" if notice.kind == "resolved" else "open")
    urgent = notice.severity == Severity.PAGE
    lamp = LAMPS.get(phase, "\N{LARGE RED CIRCLE}" if urgent else "\N{LARGE ORANGE CIRCLE}")
    ends = " · ".join(word for word in (notice.severity, notice.close_code or "") if word)
    body = [
        line(run(title, size="Large", weight="Bolder")),
        line(
            run(f"{lamp} "),
            run(phase.replace("_", " "), weight="Bolder"),
            run(f" · {ends}"),
        ),
        text(notice.impact or notice.priority),
        *(text(f"\N{BELL WITH CANCELLATION STROKE} {mark}") for mark in notice.marks[:10]),
        text(notice.text),
        links(notice.links),
        *facts(notice.fields),
    ]
    return title, card(body, opinions(notice, phase))


def opinions(notice: Notice, phase: str) -> list[Element]:
    """Was it worth hearing of, and was it that? Only where there is something to speak of."""
    buttons = []
    about = {"incident": notice.incident}
    if notice.signal:
        buttons += [button("Useful", USEFUL, about), button("Not useful", NOT_USEFUL, about)]
        if phase != "resolved":
            buttons.append(button("Silence 1 h", SILENCE, about))
    if notice.cause:
        # The cause that is shown, whatever is thought of later.
        doubted = {**about, "cause": notice.cause}
        buttons.append(button(f"Not {notice.cause}", NOT_THE_CAUSE, doubted))
    return buttons


def reply(notice: Notice) -> tuple[str, Card]:
    """One step of the story."""
    return cut(notice.title, TITLE), card(told(notice))


def approval(notice: Notice) -> tuple[str, Card]:
    """A plan with its buttons. Each carries the order and the hash of exactly this plan."""
    buttons = answering(str(notice.order_id), str(notice.plan_hash))
    return cut(notice.title, TITLE), card(told(notice), buttons)


def answering(order: str, plan: str) -> list[Element]:
    """Approve and Deny of exactly this plan; Deny asks for the reason."""
    exactly = {"order": order, "plan": plan}
    return [
        button("Approve", APPROVE, exactly, "positive"),
        opens("Deny", DENY, exactly, "destructive"),
    ]


def decided(notice: Notice, answer: str) -> tuple[str, Card]:
    """The same plan after the answer: no buttons any more."""
    body = told(notice)
    body.insert(1, text(answer, isSubtle=True))
    return cut(notice.title, TITLE), card(body)


def told(notice: Notice) -> list[Element]:
    return [
        line(run(cut(notice.title, TITLE), weight="Bolder")),
        text(notice.text),
        links(notice.links),
        *facts(notice.fields),
    ]
