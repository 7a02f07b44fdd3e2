"""Other ways to say a command: each is turned into the imperative that the grammar reads.

"search needs a restart", "I want checkout back on 4.2.0", "can we get search restarted" are wishes
without an imperative. What a person plainly wants is as good as a command; what they only find
needed or allowed is asked about first. The imperative must still be consumed word by word.
"""

# ruff: noqa: E501 -- one form of speech a line

from __future__ import annotations

import re
from collections.abc import Iterator

from chimera.agents.understanding.times import NUMBERS

SHORT = {
    "im": "i'm", "ive": "i've", "dont": "don't", "doesnt": "doesn't", "didnt": "didn't", "cant": "can't",
    "wont": "won't", "isnt": "isn't", "arent": "aren't", "wasnt": "wasn't", "hasnt": "hasn't",
    "havent": "haven't", "thats": "that's", "theyre": "they're", "youre": "you're", "weve": "we've",
    "shouldnt": "shouldn't", "wouldnt": "wouldn't", "couldnt": "couldn't",
}  # fmt: skip
APOSTROPHE = re.compile(rf"\b(?:{'|'.join(SHORT)})\b", re.I)
DONE = {
    "restarted": "restart", "rebooted": "restart", "bounced": "restart", "rolled back": "roll back",
    "reverted": "revert", "silenced": "silence", "muted": "mute", "unmuted": "unmute",
    "unsilenced": "unsilence", "paused": "pause", "resumed": "resume", "approved": "approve",
    "denied": "deny", "rejected": "reject", "acknowledged": "acknowledge", "acked": "ack",
    "closed": "close", "resolved": "resolve", "lifted": "lift", "cleaned up": "clean up",
    "recycled": "recycle", "skipped": "skip", "renewed": "renew", "rotated": "rotate", "scaled": "scale",
}  # fmt: skip
PARTICIPLE = "|".join(DONE)
NOUNS = r"(?:restart|reboot|bounce|roll-?back|roll back)"
WHAT = r"(?P<what>[^,;:?]+?)"
GO = r"(?P<go>(?: [^,;:?]+)?)"
WANT = r"(?:i|we) (?:really |just )?(?:need|want|would like|'d like|have to have)|(?:i|we)'d (?:really )?like"
PLEASE = r"(?:(?:please|pls|ok|okay|so|hey|hi|chimera|now|and|then)[\s,]+)*"

# Each: what is said, the imperative, whether it is plainly wanted.
SAID: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
    (re.compile(rf"{PLEASE}(?:{pattern})", re.I), made, sure)
    for pattern, made, sure in (
        (rf"(?:{WANT}|(?:can|could) (?:i|we|you) (?:please )?(?:get|have)|(?:please )?get|have) {WHAT} (?:to be )?(?P<done>{PARTICIPLE}){GO}", "{done} {what}{go}", True),
        (rf"(?:{WANT}|(?:can|could) (?:i|we) (?:please )?(?:get|have)) (?:a|another|the) (?:quick )?(?P<done>{NOUNS}) (?:of|for|on) {WHAT}", "{done} {what}", True),
        (rf"(?:{WANT}|can we have|get) {WHAT} back (?:on|at|to){GO}", "put {what} back to{go}", True),
        (rf"(?:{WANT}|can we have|get) (?P<n>\S+) (?:replicas|instances|pods) (?:of|for) {WHAT}", "scale {what} to {n}", True),
        (rf"{WHAT} (?:needs|wants|requires|could do with|could use) (?:a|an|another) (?:quick |rolling )?(?P<done>{NOUNS})(?: please)?", "{done} {what}", False),
        (rf"{WHAT} (?:needs|has|have|ought) to be (?P<done>{PARTICIPLE}){GO}", "{done} {what}{go}", False),
        (rf"{WHAT} (?:can|may) (?:now |safely )?be (?P<done>{PARTICIPLE})(?: again| now)*{GO}", "{done} {what}{go}", False),
        (rf"{WHAT} (?:needs|should have|must have) (?P<n>\S+) (?:replicas|instances|pods)", "scale {what} to {n}", False),
        (rf"(?:let's go (?:up |down )?to )?(?P<n>\S+) (?:replicas|instances|pods) (?:for|on|of) {WHAT}", "scale {what} to {n}", False),
        (r"(?P<what>INC-\d+):? (?P<done>ack|acknowledge|close|resolve)", "{done} {what}", True),
        (r"put (?P<what>production|prod|staging|everything) on hold", "pause {what}", True),
        (r"no (?:more|further) (?:automatic |automated )?(?P<what>changes|repairs|actions)(?: please| now)?", "pause all {what}", True),
        (rf"no (?:more )?(?:alerts|pages|alarms|notifications) (?:for|about|on|from|of) {WHAT}", "silence {what}", True),
        (rf"(?:shut up|be quiet|stop complaining) (?:about|on) {WHAT}", "silence {what}", True),
        (r"(?:i'll|i will|i'm|i am) (?:look|looking|check|checking|handle|handling|take care|taking care|work|working) (?:at |on |into |of |after )*(?P<what>INC-\d+)", "acknowledge {what}", False),
        (r"(?P<what>INC-\d+) is (?:mine|with me|on me)", "acknowledge {what}", True),
        (r"mine:? (?P<what>INC-\d+)", "acknowledge {what}", True),
        (r"(?P<what>(?:INC|MAN)-\w+/\d+) (?:is )?approved", "approve {what}", False),
        (r"(?P<what>(?:INC|MAN)-\w+/\d+) (?:is )?(?:denied|rejected)", "deny {what}", False),
        (r"(?:ok|okay|yes|go|green light|go ahead) (?:to|for|with|on) (?P<what>(?:(?:INC|MAN)-\w+/\d+|the [^,;:?]+))", "approve {what}", True),
        (r"no to (?P<what>(?:INC|MAN)-\w+/\d+)", "deny {what}", False),
        (r"(?P<what>approved|lgtm|looks good to me|ship it)", "approve it", False),
    )
)  # fmt: skip
THANKS = re.compile(
    r"(?:[\s,]+(?:please|pls|plz|thanks|thank you|thx|asap|right now))+[\s.!]*$", re.I
)
HINTS = re.compile(
    rf"\b(?:needs?|want|like|get|have|wants|requires|could|has|ought|can|may|should|must|no|about|on|mine|on it|with me|"
    rf"look\w*|check\w*|handl\w+|tak\w+|work\w*|ack\w*|close|resolve|replicas|pods|instances|put|ok|okay|yes|go|green|lgtm|good|ship|{PARTICIPLE})\b",
    re.I,
)
# "checkout's last deploy" is "the last deploy of checkout".
OWNED = re.compile(
    r"\b(?P<who>xnode|xdata|xunknown|it)(?: ?')? (?P<what>(?:(?:last|latest|newest|new|current|bad|broken|connection|db|disk|error|"
    r"latency|config|v?\d[\w.]*|[a-z]+_[a-z0-9_]+) )*"
    r"(?:release|deploy|deployment|version|rollout|build|pool|connections|disk|logs|credentials?|token|password|key|alerts?|alarms?|"
    r"pages?|notifications?|silence|mute|incident|restart|reboot|rollback|replicas|setting|config|config change|errors?|latency|freshness))\b"
)


def spelt(text: str) -> str:
    """With the apostrophes that people leave out."""
    return APOSTROPHE.sub(lambda match: SHORT[match[0].lower()], text)


def imperatives(clause: str) -> Iterator[tuple[str, bool]]:
    """Each command that a clause without an imperative may be, and whether it is plainly wanted."""
    if not HINTS.search(clause):
        return
    bare = THANKS.sub("", clause).strip()
    for pattern, made, sure in SAID:
        match = pattern.fullmatch(bare)
        if match is None:
            continue
        parts = {name: value or "" for name, value in match.groupdict().items()}
        done = parts.get("done", "").lower()
        parts["done"] = DONE.get(done, done)
        yield made.format(**parts), sure


def figures(words: str) -> str:
    """Numbers in figures: "five replicas" is "5 replicas". One is left: it is a pronoun too."""
    return re.sub(
        rf"\b(?:{'|'.join(sorted(NUMBERS, key=len, reverse=True))})\b(?! (?:of|or|and)\b)",
        lambda match: match[0] if match[0] == "one" else str(NUMBERS[match[0]]),
        re.sub(r"\bone (?=(?:more )?(?:replica|instance|pod)\b)", "1 ", words),
    )


def turned(words: str) -> str:
    """What belongs to somebody, said the other way round."""
    return OWNED.sub(lambda match: f"{match['what']} of {match['who']}", words)
