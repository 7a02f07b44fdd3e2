"""What people call the kinds of things that go wrong: "the deploy", "that setting", "the leak"."""

# ruff: noqa: E501 -- words of one kind a line

from __future__ import annotations

import re

from chimera.domain import FaultKind

F = FaultKind

NOUNS: tuple[tuple[FaultKind, str], ...] = (
    (F.RELEASE, r"releases?|deploy(?:s|ed|ment|ments)?|version|roll-?outs?|upgrades?|builds?|hotfix(?:es)?|patch"),
    (F.SCHEMA, r"schema|columns?|migrations?"),
    (F.CONFIGURATION, r"config\w*|settings?|keys?|flags?|toggles?|parameters?|env var\w*|limits?|timeouts?"),
    (F.CREDENTIAL, r"credentials?|passwords?|tokens?|cert\w*|secrets?"),
    (F.POOL, r"(?:connection )?pools?|connections"),
    (F.MEMORY, r"memory|leaks?|heap|oom\w*"),
    (F.CPU, r"cpu|processor"),
    (F.DISK, r"disks?|volume"),
    (F.TRAFFIC, r"traffic|load|spike|rush|campaign|bots?|crawlers?|too many (?:users|requests|calls)"),
    (F.POISON, r"poison\w*|bad (?:record|row|message)|stuck (?:record|row|message)"),
    (F.DUPLICATES, r"duplicates?"),
    (F.DRIFT, r"drift"),
    (F.DEPENDENCY, r"dns|network|internet|cloud|aws|azure|gcp|provider|vendor|third party|upstream"),
)  # fmt: skip
WRITTEN = tuple((kind, re.compile(rf"\b(?:{words})\b", re.I)) for kind, words in NOUNS)
NUMBERED = re.compile(
    r"(?<![\w.])v?\d+(?:\.\d+){1,3}(?:[-+][\w.]+)?(?![\w%]|\.\d)", re.I
)  # a release's
THINGS = re.compile(  # what people blame that is neither a node of ours nor a kind of fault
    r"\b(?:databases?|db|postgres\w*|mysql|redis|kafka|clusters?|kubernetes|k8s|cache|cdn|load balancers?|lb|firewall|hardware|servers?|backend|frontend|queue|backup|cronjobs?|bug|hackers?|attack|ddos)\b",
    re.I,
)
DEEDS = {
    "restart_service": re.compile(
        r"\b(?:re-?starts?|restarted|restarting|reboot\w*|bounc\w+)\b", re.I
    ),
    "roll_back_release": re.compile(
        r"\b(?:roll-?backs?|rolled back|rolling back|roll back)\b", re.I
    ),
    "scale_service": re.compile(r"\b(?:scal(?:ed|ing)|scale-?(?:up|down|out|in))\b", re.I),
    "recycle_pool": re.compile(r"\brecycl\w+\b", re.I),
    "clean_disk": re.compile(r"\b(?:clean-?up|cleaned)\b", re.I),
}  # what was done by an order
CHANGE = re.compile(
    r"\b(?:chang(?:e|es|ed)|edit(?:ed|s)?|tweak(?:s|ed)?|modif\w+|touched|push(?:ed)?|merged?)\b",
    re.I,
)
SCHEDULE = re.compile(r"\b(?:schedules?|cron\w*|timetable|rescheduled)\b", re.I)
SCALED = re.compile(r"\b(?:scal(?:e|ed|ing)(?: up| down| out| in)?|replicas?)\b", re.I)
SET = re.compile(
    r"\b(?:raised?|lowered|increas\w+|decreas\w+|reduced?|bumped|cut|shortened|lengthened|doubled|halved|set|turned (?:on|off|up|down))\b",
    re.I,
)
UP = re.compile(r"\b(?:raised?|increas\w+|bumped|lengthened|doubled|turned up)\b", re.I)
DOWN = re.compile(r"\b(?:lowered|decreas\w+|reduced?|cut|shortened|halved|turned down)\b", re.I)
OF_CHANGES = {"release": F.RELEASE, "configuration": F.CONFIGURATION, "schema": F.SCHEMA}


def kinds_in(text: str) -> frozenset[FaultKind]:
    """Every kind of fault that is named."""
    return frozenset(kind for kind, pattern in WRITTEN if pattern.search(text))


def changes_in(text: str) -> frozenset[str]:
    """Which kinds of changes are spoken of, as `Change.kind` has them; "other" is any of them."""
    kinds = kinds_in(text)
    found = {name for name, kind in OF_CHANGES.items() if kind in kinds}
    if NUMBERED.search(text):
        found.add("release")
    if SCHEDULE.search(text):
        found.add("schedule")
    if SCALED.search(text):
        found.add("scale")
    if not found and SET.search(text):
        found.add("configuration")
    if not found and CHANGE.search(text):
        found.add("other")
    return frozenset(found)


def deed_in(text: str) -> str:
    """The runbook of what is said to have been done: "the restart", "our rollback"."""
    return next((name for name, pattern in DEEDS.items() if pattern.search(text)), "")
