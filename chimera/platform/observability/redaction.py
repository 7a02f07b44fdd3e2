"""Secrets taken out of text before anybody, or any model, reads it."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"

_NAMED = (
    r"(?i)\b([\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|credential|authorization|cookie|session[_-]?id)[\w.-]*[\"']?\s*[:=]\s*)"
    r"(\"[^\"]*\"|'[^']*'|(?:(?:bearer|basic)\s+)?[^\s,;&\"'}]+)"
)
# As people say it: "the password is hunter2"; "the token is expired" tells no secret.
_SPOKEN = (
    r"(?i)\b((?:password|passphrase|passcode|secret|token|api[ _-]?key)(?: [^\s.,;:]+){0,4}? (?:is|was) )"
    r"(?=\S*\d)\S{5,}"
)
_RULES = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)", re.S), HIDDEN),
    (re.compile(r"\b([a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@"), rf"\1{HIDDEN}@"),
    (re.compile(_NAMED), rf"\1{HIDDEN}"),
    (re.compile(_SPOKEN), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/._~-]{8,}=*"), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), HIDDEN),  # a JSON Web Token
    (re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"), HIDDEN),
    (re.compile(r"\b(gh[pousr]_|xox[abeprs]-|sk-|glpat-)[\w-]{10,}"), HIDDEN),
)


def redacted(text: str) -> str:
    """The text with passwords, tokens and keys replaced; what they were for stays readable."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
