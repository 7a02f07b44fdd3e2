"""The commands that there are, one rule a line. A rule must consume the whole command."""

# ruff: noqa: E501 -- one rule of the grammar a line

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from chimera.agents.understanding.incidents import RULES as OF_INCIDENTS

Kind = Literal[
    "run", "silence", "lift", "pause", "resume", "approve", "deny", "acknowledge", "resolve",
    "hand_over", "veto",
]  # fmt: skip
Build = Callable[[re.Match[str]], dict[str, object]]

POLITE = re.compile(
    r"^(?:(?:quick one|quick question|please|pls|plz|plse|ok|okay|hey|hi|hello|yo|now|then|and|so|yes|chimera|just|go ahead and|go and|let's|lets|go ahead|"
    r"(?:can|could|would|will) (?:you|u|ya)|can we|could we|i want you to|i need you to|i'd like you to|i want to|i'd like to|"
    r"i would like you to|i would like to|would you mind|you can|you may|yeah|yep|sure|alright|cool|great|got it|lgtm|you should|we should|we could|we need to|we must|we have to|quickly|quick|urgent|kindly|also|first|maybe|perhaps|"
    r"good morning|morning|fyi|be so kind and|do me a favor and|do me a favour and|asap|sorry)[\s,:]+)+"
)
HESITANT = re.compile(
    r"\b(?:can we|could we|you should|we should|we could|we need to|we must|we have to|maybe|perhaps)\b|^(?:\w+ )?(?:you can|you may)\b"
)
TAIL = re.compile(
    r"(?:[\s,]+(?:already|please|pls|plz|now|right now|right away|for me|for us|thanks|thank you|thx|ty|cheers|immediately|asap|quickly|quick|real quick|"
    r"straight away|again|at once|then|first|instead|too|urgently|mate|ok|okay|would you|will you|could you|can you|if you can|if possible|if you would|"
    r"if you don't mind|when(?:ever)? you (?:can|get a (?:sec|second|minute|moment|chance)|have (?:a )?(?:sec|second|minute|moment|chance|time))|as soon as you can|as soon as possible|"
    r"(?:and )?(?:let me know|let us know|tell me|ping me|report back)(?: (?:when|once) (?:it is|it's|its|you are|you're) done| how it (?:goes|went)| the result| after)?|"
    r"(?:and )?(?:let's |lets |we'll |then )?see (?:if|whether) (?:it|that|this) (?:helps|works|fixes it|gets better|does the trick|is enough|recovers|comes back)))+$"
)

THING = r"(?:xnode|xdata|xunknown|it|this|that|this one|that one|this service|that service)"
THE = r"(?:the |my |our |this |all |all the |any )?"
SERVICE = r"(?:the |my |our |all |all the )?(?:service |services |app |step |job )?"
OF = r"(?:of|for|from|on|in|at|to)"
VERBS = re.compile(
    r"\b(?:restart|reboot|bounce|respawn|relaunch|kick|turn off|switch off|scale|bump|rollback|roll back|roll|revert|undo|recycle|cycle|power cycle|clean|clear|free|skip|quarantine|renew|"
    r"restore|rotate|reissue|silence|mute|snooze|unsilence|unmute|lift|pause|resume|unpause|freeze|unfreeze|approve|deny|reject|"
    r"decline|acknowledge|ack|resolve|close|run|execute|kill|delete|drop|stop|start|shut down|deploy|"
    r"disable|enable|drain|truncate|terminate|change|set|increase|decrease|upgrade|downgrade|fix|repair)\b"
)
MORE = re.compile(
    r"(?:reset|refresh|issue|set aside|cancel|end|remove|back out|continue|halt|hold|accept|grant|go back|ship back|take|put|bring|move|reinstate|restarts?|make|add|double|triple|halve|reduce|lower|raise|pull|get|shut up|stop|escalate|hand|pass|transfer|reassign|send|withdraw|abort|call off|suspend|hands off|"
    r"allow|refuse|veto|i take|i'll take|i'm taking|i am taking|i have|i'm on|i am on|i've got|i got|taking|assign|mark|trigger|do|give|perform|free up|sign off|greenlight|green light|lgtm|turn down|turn|switch|quiet|hush|let|got)\b"
)  # verbs of commands that begin harmless sentences too
UNKNOWN_VERBS = re.compile(
    r"^(?:kill|delete|drop|stop|start|shut down|deploy|disable|enable|drain|truncate|terminate|"
    r"upgrade|downgrade|fix|repair|set|change|increase|decrease)\b"
)
RELEASE = r"(?P<to>xunknown|v?\d[\w.+\-]*)"
CURRENT = r"(?:last |latest |newest |new |current |bad |broken )?"
NOUN = r"(?:release|deploy|deployment|version|rollout|roll-out|build)"
PREVIOUS = (
    r"(?:previous|last|old|prior|earlier)(?: good| known good| known working| working| stable)?"
)
BEFORE = r"(?:whatever|what|how|where) (?:it |we |there )?(?:ran|run|was|were|had|used|been)(?: running| there| on| in use)?(?: before)?"
ORDERED = r"(?:order |plan |change |request )?"
DEEDS = {
    "roll_back_release": r"roll ?back|roll-back|revert|rollback|roll back",
    "restart_service": r"restart|reboot|bounce",
    "scale_service": r"scaling|scale up|scale out|scale-up|scale",
    "recycle_pool": r"recycling|pool recycling|recycle|pool reset",
    "clean_disk": r"clean-up|cleanup|clean up|cleaning|disk clean-up|disk cleanup",
    "restore_credential": r"credential renewal|credential|renewal|key rotation|rotation",
    "skip_poison_record": r"skip|skipping|quarantine",
    "revert_configuration": r"config revert|configuration revert|config change|setting",
    "silence": r"silence|mute",
}
DEED = "(?:" + "|".join(f"(?P<{name}>{words})" for name, words in DEEDS.items()) + ")"


def runs(name: str, **parameters: str) -> Build:
    return lambda match: {
        "kind": "run",
        "runbook": name,
        "parameters": {k: match[v] for k, v in parameters.items() if match[v]},
    }


def kind(name: Kind) -> Build:
    return lambda match: {"kind": name}


def of_orders(name: Kind) -> Build:
    """An order that is named by what it does."""

    def build(match: re.Match[str]) -> dict[str, object]:
        deed = next(one for one in DEEDS if match[one])
        return {"kind": name, "parameters": {"runbook": deed}}

    return build


def answers(verbs: str, name: Kind) -> tuple[tuple[str, Build], ...]:
    return (
        (rf"{verbs} (?:the |that |this |my |our )?{ORDERED}(?:xorder|it|this|that|that one|this one|order|xincident)|{verbs}", kind(name)),
        (rf"{verbs} (?:the |that |this |my |our )?(?:waiting |pending |open )?(?:order|plan|change|request) {OF} {SERVICE}{THING}", kind(name)),
        (rf"{verbs} (?:the |that |this |our )?(?:waiting |pending |proposed |open )?{DEED}(?: (?:order|request))?(?: {OF} {SERVICE}{THING})?", of_orders(name)),
        (rf"{verbs} (?:the |that |this |my |our )?(?:waiting |pending |proposed )?xnode (?:{DEED})(?: order| request)?", of_orders(name)),
        (rf"{verbs} (?:xunknown|(?!the\b|that\b|this\b|our\b)[a-z]+) {DEED}(?: {OF} {SERVICE}{THING})?", of_orders(name)),
    )  # fmt: skip


RULES: tuple[tuple[re.Pattern[str], Any], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?:do a |perform a |do |trigger a )?(?:rolling )?(?:restart|reboot|bounce|kick|respawn|relaunch|cycle|power cycle|power-cycle)(?: {OF})? {SERVICE}{THING}(?: service| app| job| step)?", runs("restart_service")),
        (rf"(?:give|do) {SERVICE}{THING} (?:a |another )?(?:quick |good |rolling )?(?:restart|reboot|bounce|kick)", runs("restart_service")),
        (rf"(?:turn|switch) {SERVICE}{THING} off and on", runs("restart_service")),
        (rf"(?:scale|scale up|scale out|scale down|scale in|bump|bump up|increase|set) {THE}(?:replicas of |number of replicas of |replica count of )?{SERVICE}{THING}(?: up| out| down| in| back)?(?: to)? (?P<n>\d+)(?: replicas?| instances?| pods?)?", runs("scale_service", replicas="n")),
        (rf"(?:scale|scale up|scale down|bump|set|bring|take|reduce|lower|raise|increase|run|get) {THE}(?:replicas of |number of replicas of )?{SERVICE}{THING}(?: replicas)?(?: up| down)?(?: from \d+)? (?:to|at|with) (?P<n>\d+)(?: replicas?| instances?| pods?)?", runs("scale_service", replicas="n")),
        (rf"make (?:it|that|them|this) (?P<n>\d+) (?:replicas|instances|pods)(?: {OF} {SERVICE}{THING})?", runs("scale_service", replicas="n")),
        (rf"make {SERVICE}{THING} (?P<n>\d+) (?:replicas|instances|pods)", runs("scale_service", replicas="n")),
        (rf"(?:add|remove|double|triple|halve|increase|reduce|raise|lower) (?:\d+ |another \d+ |a few |some )?(?:more |of )?{THE}(?:replicas?|instances?|pods?|replica count) {OF} {SERVICE}{THING}(?: by \d+)?", runs("scale_service")),
        (rf"(?:run|give|set|put|start|get) (?P<n>\d+) (?:replicas|instances|pods) {OF} {SERVICE}{THING}", runs("scale_service", replicas="n")),
        (rf"(?:give|get) {SERVICE}{THING} (?P<n>\d+) (?:replicas|instances|pods)", runs("scale_service", replicas="n")),
        (rf"(?:scale|bump|set) {THE}(?:replicas|number of replicas|replica count) {OF} {SERVICE}{THING} to (?P<n>\d+)", runs("scale_service", replicas="n")),
        (rf"(?:scale|scale up|scale out|scale down|bump|bump up) {SERVICE}{THING}(?: up| out| down| a bit)?", runs("scale_service")),
        (rf"(?:give|get|add) (?:{SERVICE}{THING} )?(?:more|some more|additional) (?:replicas|instances|pods)(?: {OF} {SERVICE}{THING})?", runs("scale_service")),
        (rf"(?:roll back|rollback|revert|undo|back out) {THE}{CURRENT}{NOUN} {OF} {SERVICE}{THING}(?: to {THE}(?:{NOUN} )?(?:{RELEASE}|{PREVIOUS} {NOUN}))?", runs("roll_back_release", to_release="to")),
        (rf"(?:roll back|rollback|revert|undo|back out) {THE}{CURRENT}{SERVICE}{THING} {NOUN}", runs("roll_back_release")),
        (rf"(?:roll back|rollback|revert|undo|back out) {THE}(?:{NOUN} )?(?P<gone>v?\d[\w.+\-]*) {OF} {SERVICE}{THING}", runs("roll_back_release", from_release="gone")),
        (rf"(?:roll back|rollback|revert|undo|back out) {SERVICE}{THING} (?P<gone>v?\d[\w.+\-]*)", runs("roll_back_release", from_release="gone")),
        (rf"(?:roll back|rollback|revert|roll) {SERVICE}{THING}(?: back)?(?: from {THE}(?:{NOUN} )?(?P<gone>v?\d[\w.+\-]*))?(?: (?:by )?(?:one|a|1) {NOUN})?(?: (?:back )?to {THE}(?:{NOUN} )?(?:{RELEASE}|{PREVIOUS}(?: (?:{NOUN}|one))?)| to the (?:{NOUN}|one) before(?: that| it)?| to {BEFORE})?", runs("roll_back_release", to_release="to", from_release="gone")),
        (rf"(?:put|take|bring|ship|move|go|pull|get) (?:{SERVICE}{THING} )?back (?:to|on|onto) {THE}(?:{NOUN} )?(?:{RELEASE}|{PREVIOUS} (?:{NOUN}|one))(?: {OF} {SERVICE}{THING})?", runs("roll_back_release", to_release="to")),
        (rf"(?:ship back|downgrade) {SERVICE}{THING}(?: to {THE}(?:{NOUN} )?(?:{RELEASE}|{PREVIOUS} (?:{NOUN}|one)))?", runs("roll_back_release", to_release="to")),
        (rf"(?:do|perform|trigger) (?:a |the )?(?:rollback|roll back) {OF} {SERVICE}{THING}(?: to {THE}(?:{NOUN} )?{RELEASE})?", runs("roll_back_release", to_release="to")),
        (r"(?:revert|reset|undo|set back|put back|roll back) (?:that|this|the) (?:last |latest )?(?:setting|config|configuration|config change|configuration change)", lambda m: {"kind": "run", "runbook": "revert_configuration", "it": True}),
        (rf"(?:roll back|rollback|revert|undo|back out) (?:the |that |this )?{CURRENT}{NOUN}", lambda m: {"kind": "run", "runbook": "roll_back_release", "it": True}),
        (r"(?:do|perform|trigger|go with|go for) (?:a |the |that )?(?:rollback|roll back)|roll back|rollback", lambda m: {"kind": "run", "runbook": "roll_back_release", "it": True}),
        (rf"(?:go with|go for) (?:a |the )?(?:rollback|roll back) {OF} {SERVICE}{THING}", runs("roll_back_release")),
        (r"(?:do|perform|trigger|go with|go for) (?:a |the |that )?(?:restart|reboot|bounce)|restart|reboot|bounce", runs("restart_service")),
        (r"scale(?: up| out| down| in)?", runs("scale_service")),
        (rf"(?:recycle|reset|refresh|renew|cycle|bounce) {THE}(?:connection |connections? |db )?pool {OF} {SERVICE}{THING}", runs("recycle_pool")),
        (rf"(?:recycle|reset|refresh|renew|cycle|bounce) {SERVICE}{THING} (?:connection |connections? |db )?(?:pool|connections)", runs("recycle_pool")),
        (rf"recycle {SERVICE}{THING}", runs("recycle_pool")),
        (rf"(?:recycle|reset|refresh) {THE}(?:db |database )?connections {OF} {SERVICE}{THING}", runs("recycle_pool")),
        (rf"(?:revert|reset|undo|set back|roll back) {THE}(?:last |latest |newest )?(?:setting|configuration|config|config change|configuration change|key)?(?: change)? ?(?P<key>(?!restart|scaling|silence|mute|pause|release|approval|order)[a-z][\w.]*)?(?: change)? ?{OF} {SERVICE}{THING}", runs("revert_configuration", key="key")),
        (rf"(?:clean|clean up|clear|free|free up|empty) {THE}(?:disk|disks|disk space|old logs|logs|log files|space|some space|some disk space)(?: on (?:the )?disk)? {OF} {SERVICE}{THING}", runs("clean_disk")),
        (rf"(?:clean|clean up|clear|free|free up) {SERVICE}{THING} (?:disk|logs|disk up)", runs("clean_disk")),
        (rf"(?:skip|quarantine|set aside) {THE}(?:poison |poisoned |bad |broken |stuck |failing )?(?:record|row|message|batch) (?:{OF}|that blocks|that stops|which blocks|blocking) {SERVICE}{THING}", runs("skip_poison_record")),
        (rf"(?:renew|restore|rotate|reissue|issue|refresh) (?:a new )?{THE}(?:credential|credentials|token|password|key) {OF} {SERVICE}{THING}", runs("restore_credential")),
        (rf"(?:renew|restore|rotate|reissue|refresh) {SERVICE}{THING} (?:credential|credentials|token|password|key)", runs("restore_credential")),
        (rf"(?:run|execute|start|trigger|do) {THE}(?:runbook )?xrunbook(?: runbook)?(?: {OF}| against| with)? {THING}", runs("")),
        (rf"(?:silence|mute|snooze|quiet|hush|turn off|switch off|disable) {THE}(?:(?P<signal>[a-z_0-9]+) )?(?:alerts?|alarms?|notifications?|pages?|noise) {OF} {SERVICE}{THING}", lambda m: {"kind": "silence", "parameters": {"signal": m["signal"]} if m["signal"] else {}}),
        (rf"(?:silence|mute|snooze|quiet|hush) {THE}(?P<signal>xunknown|xmetric|[a-z]+_[a-z0-9_]+|latency|errors?|traffic|memory|disk|pool|cpu|freshness|nulls)(?: alerts?| alarms?)? {OF} {SERVICE}{THING}", lambda m: {"kind": "silence", "parameters": {"signal": m["signal"]}}),
        (rf"(?:silence|mute|snooze|quiet|hush) (?:everything|anything|all|all alerts) (?:{OF}|about|around) {SERVICE}{THING}", kind("silence")),
        (rf"(?:silence|mute|snooze|quiet|hush) {SERVICE}(?:{THING}|xincident)(?: alerts?| alarms?)?", kind("silence")),
        (r"(?:silence|mute|snooze)(?: alerts?| alarms?| everything| all)?", lambda m: {"kind": "silence", "it": True}),
        (rf"(?:silence|mute|snooze) {THE}(?:incident|alert|alerts)", lambda m: {"kind": "silence", "it": True}),
        (rf"stop (?:alerting|paging|notifying)(?: me| us| anyone| everybody)? (?:on|for|about|of) {SERVICE}{THING}", kind("silence")),
        (rf"(?:lift|end|remove|delete|cancel|undo|drop) {THE}(?:silence |mute )?(?:xsilence|(?:silence|mute) {OF} {SERVICE}{THING}|silence|mute)", kind("lift")),
        (rf"(?:lift|end|remove|cancel|drop) {THE}xnode (?:silence|mute)", kind("lift")),
        (rf"take (?:the )?(?:silence|mute) off (?:of )?{SERVICE}{THING}", kind("lift")),
        (r"(?:lift|end) (?:it|that|this|that one|this one)", kind("lift")),
        (rf"(?:unsilence|unmute) {SERVICE}(?:xsilence|{THING})(?: alerts?| alarms?)?", kind("lift")),
        (r"(?:pause|freeze|halt|hold|stop|suspend)(?: all| any| the| every| your)?(?: further| other)?(?: automatic| automated| auto)? ?(?:changes|repairs|remediation|remediations|everything|automation|automations|chimera|runbooks|actions|yourself|deploys)(?: everywhere| here)?", kind("pause")),
        (r"stop (?:making|doing|running) (?:any |all )?(?:further )?(?:automatic |automated )?(?:changes|repairs|runbooks)", kind("pause")),
        (r"put (?:everything|all changes|all automated changes|automation|changes|all repairs) on hold", kind("pause")),
        (r"stop (?:touching|changing|repairing|fixing|restarting) (?:anything|things|stuff|everything|services)", kind("pause")),
        (r"(?:pause|freeze|hands off)", kind("pause")),
        (r"(?:resume|unpause|unfreeze|continue|allow|reinstate)(?: all| the)?(?: automatic| automated| auto)? ?(?:changes|repairs|remediation|everything|automation|automations|chimera|runbooks|actions)?(?: again| everywhere)?", kind("resume")),
        (r"(?:lift|end|remove) (?:the )?(?:pause|freeze|change freeze)", kind("resume")),
        (r"(?:turn|switch) (?:(?:the )?(?:automation|changes|repairs) (?:back )?on|(?:back )?on (?:the )?(?:automation|changes|repairs))(?: again)?", kind("resume")),
        (r"let (?:the )?(?:automation|changes|repairs|chimera) (?:run|go on|start|work|continue)(?: again)?", kind("resume")),
        *answers(r"(?:approve|accept|grant|allow|greenlight|green light|sign off|sign off on|lgtm)", "approve"),
        *answers(r"(?:deny|reject|refuse|decline|veto|turn down|disapprove|withdraw|abort|call off|stop|cancel)", "deny"),
        *OF_INCIDENTS,
    )
)  # fmt: skip
