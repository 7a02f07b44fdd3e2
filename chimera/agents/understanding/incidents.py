"""Commands about incidents and who has them, and the word that something was not the cause."""

# ruff: noqa: E501 -- one rule of the grammar a line

from __future__ import annotations

import re
from typing import Any

# Statements that are wishes: everything else must begin with a verb.
STATEMENT = re.compile(
    r"(?:\bnot|n't|\bwrong)\b.*\b(?:cause[ds]?|culprit|reason|fault|to blame|guilty|xnode|it|release|deploy)\b|"
    r"\b(?:wrong|false|incorrect) (?:root )?(?:cause|culprit|diagnosis)\b|\b(?:was|is)(?: not|n't)\b|\bi doubt\b"
)
THING = r"(?:incident )?(?:xincident|it|this|that|this one|that one|this incident|the incident|incident|them)"
OF = r"(?:of|for|on|about|with|at)"
INCIDENT = rf"(?:the |this |that |my |our )?(?:{THING}|incident {OF} (?:the )?(?:xnode|xdata)|(?:xnode|xdata) (?:incident|page|alert))"
TO = r"(?: (?:over|on|off))? to (?:the |our |my )?(?P<to>(?!bed\b)[a-z][\w.@-]*(?: (?!please\b)[a-z][\w-]*){0,2})"
NOT = r"(?:(?:is|was|are|were|did|does)(?: not|n't)(?: really| actually| even)?|not|never was|(?:can(?:not| not|'t)) (?:be|have been))"
BLAME = r"(?:the |a |its |our )?(?:actual |real |root |true )?(?:cause|culprit|reason|problem|root cause|one to blame|fault|guilty one)"
SUSPECT = r"(?:the |that |its |our |last |latest )*(?P<blamed>xnode|xdata|xunknown|release|deploy|deployment|rollout|config|config change|configuration|pool|disk|memory|leak|traffic|load|credentials?|password|database|network|(?:release|deploy|version) (?:v?\d[\w.]*))"
HERE = r"(?: (?:of|for|in|behind) (?:the |this )?(?:incident|xincident|this|it))?"


def about(name: str, *groups: str) -> Any:
    return lambda match: {
        "kind": name,
        "parameters": {group: match[group] for group in groups if match[group]},
    }


def doubting(match: re.Match[str]) -> dict[str, object]:
    """Which cause is meant: a node by its name, or what kind of fault it was said to be."""
    blamed = match.groupdict().get("blamed") or ""
    named = blamed in ("", "xnode", "xdata")
    return {"kind": "veto", "parameters": {} if named else {"blamed": blamed}}


RULES: tuple[tuple[str, Any], ...] = (
    (rf"(?:ack|acknowledge)(?: {INCIDENT})?|(?:take|i take|i'll take) {INCIDENT}(?: over)?|got (?:the )?(?:incident )?xincident", about("acknowledge")),
    (r"(?:taking|i'm taking|i am now taking|i am taking|i have|i've got|i got|i'm on|i am on) (?:the )?(?:incident )?xincident", about("acknowledge")),
    (rf"take over {INCIDENT}", about("acknowledge")),
    (rf"(?:assign|hand|pass)(?: over)? {INCIDENT}(?: over)? to me", about("acknowledge")),
    (rf"(?:hand|pass|give|assign|reassign|transfer|escalate)(?: over| off| on| up)? {INCIDENT}{TO}", about("hand_over", "to")),
    (rf"(?:hand|pass)(?: over| off| on)(?: {INCIDENT})?", about("hand_over")),
    (rf"(?:hand|pass) {INCIDENT} (?:over|off|on)", about("hand_over")),
    (rf"(?:hand|pass)(?: over| off| on){TO}", about("hand_over", "to")),
    (rf"escalate(?: {INCIDENT})?", about("hand_over")),
    (rf"(?:resolve|close|close out|mark)(?: {INCIDENT})?(?: as)?(?: a)?(?: resolved| closed| done| fixed| false alarm| over| finished)?", about("resolve")),
    (rf"(?:no )?(?:that|this|it|xnode is|xdata is)?(?:'s| is| was)? ?(?:the )?wrong (?:cause|diagnosis|culprit){HERE}", doubting),
    (rf"(?:no )?(?:(?:that|this|it)(?:'s)? )?{NOT} {BLAME}{HERE}", doubting),
    (rf"(?:no )?{SUSPECT} {NOT} {BLAME}{HERE}", doubting),
    (rf"(?:no )?(?:it|that|this)(?:'s)? {NOT}(?: because of| caused by| due to)? {SUSPECT}", doubting),
    (rf"(?:no )?(?:the )?(?:xincident|incident) {NOT} (?:because of |caused by |due to )?{SUSPECT}", doubting),
    (rf"(?:no )?{SUSPECT} (?:did not|didn't|did n't) (?:cause|break|do|trigger)(?: it| this| that| xincident| the incident)?", doubting),
    (rf"(?:no )?(?:do not|don't) blame {SUSPECT}", doubting),
    (rf"(?:i (?:do not|don't) (?:think|believe)|i doubt)(?: that)? (?:it(?:'s| is| was)? )?{SUSPECT}(?: (?:is|was)(?: {BLAME})?)?{HERE}", lambda m: {**doubting(m), "unsure": True}),
)  # fmt: skip
