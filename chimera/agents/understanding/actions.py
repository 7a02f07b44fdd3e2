"""The grammar of wishes. A wish that changes something is read word by word, or not at all.

A clause must be an imperative that the grammar consumes completely: a verb, what it is done to, at
most a number or a time, politeness, and a reason. What is left over, negated, asked, conditional or
quoted is no wish; the graph then asks. Nothing but the person's own message is ever read here.
"""

# ruff: noqa: E501 -- one rule of the grammar a line

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from chimera.agents.understanding.names import IT, Known, Named, names_in
from chimera.agents.understanding.times import duration_in

Kind = Literal[
    "run", "silence", "lift", "pause", "resume", "approve", "deny", "acknowledge", "resolve"
]


@dataclass(frozen=True)
class Wish:
    """What a person wants changed. `target` is a known name, or "" when it is to be looked up or
    asked; `pronoun` says that they spoke of "it". `sure` is False where a typo was mended."""

    kind: Kind
    runbook: str = ""
    target: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    lasts: timedelta | None = None
    reason: str = ""
    subject: str = ""  # an incident, an order, a silence
    pronoun: bool = False
    sure: bool = True
    said: str = ""


@dataclass(frozen=True)
class Doubt:
    """It sounds like a wish and cannot be taken as one; `why` is told to the person."""

    why: str
    said: str = ""


POLITE = re.compile(
    r"^(?:(?:please|pls|plz|ok|okay|hey|hi|hello|now|then|and|so|yes|chimera|just|go ahead and|let's|lets|"
    r"can you|could you|would you|will you|can we|i want you to|i need you to|i'd like you to|i want to|i'd like to|"
    r"i would like you to|i would like to|you should|we should|we need to|we must|quickly|kindly|also|first)[\s,:]+)+"
)
TAIL = re.compile(
    r"(?:[\s,]+(?:please|pls|plz|now|right now|right away|for me|thanks|thank you|immediately|asap|"
    r"straight away|again|at once|then|first|instead|too))+$"
)
REASON = re.compile(
    r"[\s,]+(?:because|since|as|reason:|due to|so that)\s+(?P<reason>.+)$", re.I | re.S
)
NOT = re.compile(
    r"\b(?:don't|dont|do not|never|not|no need|without|won't|stop trying|cannot|can't|shouldn't)\b"
)
ASKED = re.compile(
    r"^(?:should|can i|may i|could i|did|does|do you|was|were|is|are|has|have|had|why|who|what|when|how|which|where|"
    r"would it|would that|what if|is it|will it)\b"
)
CONDITION = re.compile(
    r"\b(?:if|unless|when|whenever|once|in case|as soon as|otherwise|after|before)\b"
)
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|'[^']{6,}'|`[^`]*`|```.*?```", re.S)
THING = r"(?:xnode|xdata|xunknown|it|this|that)"
THE = r"(?:the |my |our |this |all |all the |any )?"
OF = r"(?:of|for|from|on|in|at|to)"
VERBS = re.compile(
    r"\b(?:restart|reboot|bounce|turn off|switch off|scale|rollback|roll back|roll|revert|undo|recycle|clean|clear|free|skip|quarantine|renew|"
    r"restore|rotate|reissue|silence|mute|snooze|unsilence|unmute|lift|pause|resume|unpause|freeze|approve|deny|reject|"
    r"decline|acknowledge|ack|resolve|close|run|execute|kill|delete|drop|stop|start|shut down|deploy|"
    r"disable|enable|drain|truncate|terminate|change|set|increase|decrease|upgrade|downgrade|fix|repair)\b"
)
MORE = re.compile(
    r"(?:reset|refresh|issue|set aside|cancel|end|remove|continue|halt|hold|unfreeze|accept|grant|"
    r"allow|refuse|veto|take|i take|i'll take|i have|mark|trigger|do|give|perform|free up)\b"
)  # verbs of wishes that begin harmless sentences too
HELD = re.compile(r"^(?:if|when|whenever|once|in case|as soon as|unless|otherwise|after)\b")
UNKNOWN_VERBS = re.compile(
    r"^(?:kill|delete|drop|stop|start|shut down|deploy|disable|enable|drain|truncate|terminate|"
    r"upgrade|downgrade|fix|repair|set|change|increase|decrease)\b"
)
Build = Callable[[re.Match[str]], dict[str, object]]


def runs(name: str, **parameters: str) -> Build:
    return lambda match: {
        "kind": "run",
        "runbook": name,
        "parameters": {k: match[v] for k, v in parameters.items() if match[v]},
    }


def kind(name: Kind) -> Build:
    return lambda match: {"kind": name}


RULES: tuple[tuple[re.Pattern[str], Any], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?:do a |perform a )?(?:rolling )?(?:restart|reboot|bounce)(?: {OF})? {THE}(?:service )?{THING}(?: service)?", runs("restart_service")),
        (rf"(?:scale|scale up|scale out|increase|set) {THE}(?:replicas of )?{THING}(?: up| out)?(?: to)? (?P<n>\d+)(?: replicas| instances| pods)?", runs("scale_service", replicas="n")),
        (rf"(?:run|give) (?P<n>\d+) (?:replicas|instances|pods) {OF} {THING}", runs("scale_service", replicas="n")),
        (rf"(?:scale|scale up|scale out) {THE}{THING}(?: up| out)?", runs("scale_service")),
        (rf"(?:roll back|rollback|revert|undo) {THE}(?:last |latest |newest |new )?(?:release|deploy|deployment|version|rollout) {OF} {THING}", runs("roll_back_release")),
        (rf"(?:roll back|rollback|revert) {THE}{THING}(?: back)?(?: to {THE}(?:previous|last|old) (?:release|version|one)| to the (?:release|version|one) before)?", runs("roll_back_release")),
        (rf"roll {THE}{THING} back(?: to {THE}(?:previous|last|old) (?:release|version))?", runs("roll_back_release")),
        (r"(?:roll back|rollback|revert|undo) (?:the |that |this )?(?:last |latest |newest |new )?(?:release|deploy|deployment|version|rollout)", lambda m: {"kind": "run", "runbook": "roll_back_release", "it": True}),
        (rf"(?:recycle|reset|refresh|renew) {THE}(?:connection |connections? )?pool {OF} {THING}", runs("recycle_pool")),
        (rf"(?:recycle|reset|refresh|renew) {THING} (?:connection )?pool", runs("recycle_pool")),
        (rf"(?:revert|reset|undo|set back) {THE}(?:setting|configuration|config|config change|configuration change|key)?(?: change)? ?(?P<key>[a-z][\w.]*)? ?{OF} {THING}", runs("revert_configuration", key="key")),
        (rf"(?:clean|clean up|clear|free|free up) {THE}(?:disk|disks|disk space|old logs|logs|log files|space) {OF} {THING}", runs("clean_disk")),
        (rf"(?:clean|clean up|clear|free|free up) {THING} (?:disk|logs)", runs("clean_disk")),
        (rf"(?:skip|quarantine|set aside) {THE}(?:poison |poisoned |bad |broken |stuck |failing )?(?:record|row|message|batch) (?:{OF}|that blocks|that stops|blocking) {THING}", runs("skip_poison_record")),
        (rf"(?:renew|restore|rotate|reissue|issue|refresh) (?:a new )?{THE}(?:credential|credentials|token|password|key) {OF} {THING}", runs("restore_credential")),
        (rf"(?:run|execute|start|trigger|do) {THE}(?:runbook )?xrunbook(?: runbook)?(?: {OF}| against| with)? {THING}", runs("")),
        (rf"(?:silence|mute|snooze|turn off|switch off|disable) {THE}(?:(?P<signal>[a-z_0-9]+) )?(?:alerts?|alarms?|notifications?|pages?) {OF} {THING}", lambda m: {"kind": "silence", "parameters": {"signal": m["signal"]} if m["signal"] else {}}),
        (rf"(?:silence|mute|snooze) {THE}(?:{THING}|xincident)(?: alerts?)?", kind("silence")),
        (rf"(?:silence|mute|snooze) {THE}(?:incident|alert|alerts)", lambda m: {"kind": "silence", "it": True}),
        (rf"(?:lift|end|remove|delete|cancel|undo) {THE}(?:silence )?(?:xsilence|silence {OF} {THING}|silence)", kind("lift")),
        (rf"(?:unsilence|unmute) {THE}(?:xsilence|{THING})", kind("lift")),
        (r"(?:pause|freeze|halt|hold|stop)(?: all| any| the)?(?: further)?(?: automatic)? ?(?:changes|repairs|everything|automation|chimera|runbooks|actions|yourself)(?: everywhere| here)?", kind("pause")),
        (r"pause", kind("pause")),
        (r"(?:resume|unpause|unfreeze|continue|allow)(?: all| the)? ?(?:changes|repairs|everything|automation|chimera|runbooks|actions)?(?: again| everywhere)?", kind("resume")),
        (r"(?:approve|accept|grant|allow) (?:the )?(?:order |plan )?(?:xorder|it|this|that|order)", kind("approve")),
        (r"(?:deny|reject|refuse|decline|veto) (?:the )?(?:order |plan )?(?:xorder|it|this|that|order)", kind("deny")),
        (r"(?:ack|acknowledge|take|i take|i'll take|i have) (?:the )?(?:incident )?(?:xincident|it|this|incident)", kind("acknowledge")),
        (r"(?:resolve|close|mark) (?:the )?(?:incident )?(?:xincident|it|this|incident)(?: as)?(?: resolved| closed| done)?", kind("resolve")),
    )
)  # fmt: skip


def clauses(text: str) -> list[str]:
    """A message in its parts: sentences, and what `and then` joins."""
    bare = QUOTED.sub(" xquote ", text)
    split = re.split(
        r"[.;!?\n]+(?=\s|$)|,?\s+(?:and\s+)?then\s+|\s+and\s+(?=[a-z' ]*?"
        + VERBS.pattern
        + r")|,\s+(?="
        + VERBS.pattern
        + r")",
        bare,
        flags=re.I,
    )
    return [part.strip(" ,") for part in split if part and part.strip(" ,.!?")]


def wish_in(
    clause: str, question: bool, known: Known, vocabulary: frozenset[str], now: datetime
) -> Wish | Doubt | None:
    """The wish that a clause is; a `Doubt` where it sounds like one and is none; None otherwise."""
    reason = ""
    bare = clause.strip()
    if (match := REASON.search(bare)) and VERBS.search(bare[: match.start()].lower()):
        reason, bare = match["reason"].strip(), bare[: match.start()]
    lasts, bare = duration_in(bare, now)
    named = names_in(bare, known, vocabulary)
    text = TAIL.sub("", POLITE.sub("", named.text.replace(" ' ", " "))).strip()
    text = TAIL.sub("", re.sub(r"\b(\w+)'s\b", r"\1", text))
    first = VERBS.match(text)
    polite_ask = re.match(r"^(?:can|could|would|will) you\b", named.text)
    undone = re.match(r"^(?:please )?(?:don't|dont|do not|never)\b", named.text)
    waits = HELD.match(text) and VERBS.search(text) and not question
    if first is None and not MORE.match(text) and not undone and not waits:
        return None
    if undone or (first and NOT.search(named.text)):
        return Doubt("I read that as something not to be done, so I do nothing.", clause)
    if waits or (first and CONDITION.search(text)):
        return Doubt(
            "I do not act on conditions. Tell me what to do when the moment has come.", clause
        )
    if ASKED.match(named.text) and not polite_ask:
        return None
    for pattern, build in RULES:
        match = pattern.fullmatch(text)
        if match is not None:
            made = build(match)
            return _wish(made, named, known, lasts, reason, clause)
    if first is None:
        return None
    if UNKNOWN_VERBS.match(text):
        return Doubt(f"There is no runbook that does {text.split()[0]!r} like this.", clause)
    if question and not polite_ask:
        return None
    if len(named.nodes) > 1:
        every = ", ".join(named.nodes)
        return Doubt(f"That names {every}. One change at a time: which one first?", clause)
    return Doubt("That sounds like a change, and I cannot read all of it.", clause)


def _wish(
    made: dict[str, object],
    named: Named,
    known: Known,
    lasts: timedelta | None,
    reason: str,
    clause: str,
) -> Wish | Doubt:
    name: Kind = made["kind"]  # type: ignore[assignment]
    raw = made.get("parameters") or {}
    assert isinstance(raw, dict)
    parameters = {str(k): str(v) for k, v in raw.items()}
    runbook = str(made.get("runbook", "")) or (named.runbook if name == "run" else "")
    if named.unknown and name in ("run", "silence"):
        return Wish(
            name,
            runbook,
            "?" + named.unknown[0],
            parameters,
            lasts,
            reason,
            said=clause,
            sure=False,
        )
    if len(named.nodes) > 1:
        every = ", ".join(named.nodes)
        return Doubt(f"That names {every}. One change at a time: which one first?", clause)
    target = named.nodes[0] if named.nodes else ""
    return Wish(
        kind=name,
        runbook=runbook,
        target=target,
        parameters=parameters,
        lasts=lasts,
        reason=reason,
        subject=named.order or named.silence or named.incident,
        pronoun=bool(made.get("it")) or bool(IT & set(named.text.split())),
        sure=not named.guessed,
        said=clause,
    )
