"""What stands beside a command: a reason is kept, a doubt is asked about, a word against it stops it.

Only a plain statement is a reason: somebody or something, and what it does or is. What takes the
command back, makes it wait, narrows it, or names a second change or target is never read over.
"""

# ruff: noqa: E501 -- one list of words a line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from chimera.agents.understanding.names import Known, names_in

Means = Literal["reason", "unsure", "against"]


@dataclass(frozen=True)
class Beside:
    """What a part of a message is to the command in it; `why` is said where it speaks against it."""

    means: Means
    why: str = ""


NOT_DONE = "I read that as something not to be done, so I do nothing."
CONDITIONAL = "I do not act on conditions. Tell me what to do when the moment has come."
LATER = "I do nothing at a later time. Tell me when it is time."
TAKEN_BACK = "I read that as taken back, so I do nothing."
SECOND = "That is more than one change. One change at a time: which one first?"
PART = "I cannot do only a part of that, or in another way."

BASES = (
    r"(?:restart|reboot|bounce|kick|scale|rollback|roll back|roll|revert|undo|recycle|clean|clear|skip|quarantine|renew|restore|rotate|"
    r"reissue|silence|mute|snooze|unsilence|unmute|lift|pause|resume|unpause|freeze|unfreeze|approve|deny|reject|decline|veto|acknowledge|"
    r"ack|resolve|close|run|execute|kill|delete|drop|stop|start|shut|deploy|disable|enable|drain|truncate|terminate|cancel|"
    r"upgrade|downgrade|turn|switch|reset|remove|wipe|purge|flush|move|migrate|fail over|failover|promote|redeploy|re-?run|accept|grant)"
)
# A verb that comes first in a part is an order, not a reason; some are only asides.
IMPERATIVE = re.compile(
    r"^(?:check|wait|ask|call|make|use|do|be|let|leave|keep|try|see|look|tell|watch|hold|take|give|put|get|go|come|set|add|"
    r"change|fix|repair|ignore|skip|consider|remember|verify|confirm|ping|page|notify|test|start|increase|decrease|note|imagine|pretend|suppose|say|mark|assign)\b(?! (?:is|was|are|has|finished|done|over|ended|running|passed|failed|went|looks?)\b)"
)
LEADING = re.compile(
    r"^(?:because|cause|cuz|coz|cos|bc|since|as|so that|so|and|for|reason|the reason is|given that|given|due to|fyi|btw|ok|okay|well|look|sorry|hey|hi|hello|morning|ugh|damn|argh|oh|yes|yep|yeah|please|pls|plz|again|now|still|also|then)\b[\s,:]*"
)
CHAT = re.compile(
    r"^(?:please|pls|plz|thanks|thank you|thx|ty|cheers|now|asap|urgent|urgently|quickly|quick|fast|right now|right away|immediately|ok|okay|hi|hello|hey|good morning|morning|"
    r"good evening|hi all|hi there|chimera|again|sorry|fyi|btw|ugh|damn|team|folks|guys|all|everyone|it is urgent|it's urgent|this is urgent|that's urgent|very urgent|"
    r"lgtm|ta|on it|go ahead|go for it|do it|yes|yep|yeah|sure|got it|heads up|no worries|all good|real quick|quick one|just in case|just to be safe|to be safe|thanks a lot|many thanks|much appreciated|appreciated|no rush|sorry for the (?:noise|trouble)|xtime)*$"
)
BACK = re.compile(
    r"\b(?:never ?mind|nvm|forget (?:it|that|about)|scratch that|just kidding|jk|kidding|joking|hypothetical(?:ly)?|cancel (?:that|it|this)|"
    r"no wait|wait|hold on|hang on|on second thought|second thoughts?|actually (?:no|not|don't|nothing)|changed my mind|not really|oops|ignore (?:that|this|me)|"
    r"strike that|belay|as a joke|for example|for instance|e\.?g|lol|typo|my bad|wrong (?:one|window|channel|chat|service|thread)|(?:was|am) (?:only |just )?(?:asking|wondering|curious))\b|^(?:no|nope|not|nah)\b|\b(?:no|nope|nah)$"
)
FORBIDS = re.compile(
    r"\b(?:don't|dont|do not|never|must not|mustn't|should ?n't|should not|shouldn't|shall not|may not|ought not|need not|needn't|"
    r"not (?:yet|now|today|allowed|safe|a good|an? order|needed|necessary|the (?:right|time)|me|my|what|ok|okay|sure|true|before|until|until|without|that|this|it)|no need|"
    r"is (?:forbidden|prohibited|a bad idea|dangerous|risky|wrong|not an option)|would be (?:a )?(?:bad|wrong|mistake|dangerous)|bad idea|avoid|against|without)\b"
)
IF = re.compile(
    r"\b(?:if|unless|in case|as soon as|as long as|provided|assuming|otherwise|or else|else|depending|whether|in the event|on condition|should it|"
    r"once (?:it|the|we|they|i|you|that|this|everyone|everything|ben|x\w+))\b|^(?:when|whenever|once|after|before|until|till|while|by the time)\b"
    r"|\b(?:do|run|start|make) (?:it|this|that|so) (?:when|once|after|before|at|later|tomorrow|tonight|in|on)\b|\b(?:wait|hold) (?:for|until|till)\b"
)
WHEN = re.compile(
    r"^(?:(?:but|only|maybe|just|not) )*(?:tomorrow|tonight|later|next (?:week|month|time|monday|tuesday|wednesday|thursday|friday)|soon|eventually|some ?day|"
    r"(?:on|next|this) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend)|in (?:a|an|\d+|half|two|five|ten) ?\w+(?: hour| minutes)?|at (?:\d\S*|noon|midnight|night|lunch)(?: \w+)?|"
    r"after \w+|before \w+|during \w+|overnight|this (?:evening|afternoon|weekend))$"
)
NARROW = re.compile(
    r"\b(?:but|except|only|apart from|besides|other than|instead|rather|or|i mean|i meant|meaning|namely|the other|one of|both|half|gently|carefully|slowly|dry run|dry-run|pods?|replicas?|instances?|region|zone|staging|dev|canary|as well)\b|\btoo$|^just\b(?! (?:in case|to be safe))"
)
HEDGED = re.compile(
    r"\?|\b(?:maybe|perhaps|i guess|not sure|unsure|might|could|would|should|must|may|shall|wonder|possibly|hopefully|suppose|assume|afaik|idk|dunno|"
    r"what|why|who|how|which|where|xquote|the one|next|meant|also|first|says|said|say|told|wrote|writes|claims|claimed|according|suggests|suggested|recommends|recommended|instructs?|instructed|"
    r"logs? line|ticket|runbook|readme|wiki|manual|message|e-?mail|comment|annotation|docs?|documentation|playbook|post|stackoverflow|bot|system|assistant|admin)\b|^(?:right|correct|agree|agreed)$"
)
STATE = r"(?:respond\w*|answer\w*|work\w*|healthy|ready|ok|okay|up|alive|start\w*|keep\w*|recover\w*|load\w*|process\w*|consum\w*|moving|move|fresh|stable|good|reach\w*|serv\w*|com\w+ back|heal\w*|connect\w*|help\w*|return\w*|fast|enough|cop\w+|finish\w*|complet\w*|progress\w*|mak\w+ progress|log in|login|check ?out|pay|sign in|order|buy|refresh\w*|updat\w*|releas\w*|free\w*|catch\w*|get\w*|happy|available|reachable|running|green|usable|acceptable|great|right|new|writ\w+|read\w*|sync\w*|scal\w+|handl\w+|receiv\w+|deliver\w*|paus\w+ by itself)"
STATE_NOT = re.compile(
    rf"\b(?:(?:is|are|does|do|has|have|was|were|did|can|will|could)(?:n't| not)|isnt|arent|doesnt|dont|hasnt|wasnt|didnt|cant|wont|can't|won't|cannot|not|no longer)\s+(?:been |really |even |properly |quite |any more |be |able to |going to )*{STATE}\b"
)
FINITE = re.compile(
    r"\b(?:is|are|am|was|were|has|have|had|does|did|do|can|will|'s|'re|'m|'ve|'ll|its|it's|isnt|wasnt|keeps?|looks?|seems?|feels?|leaks?|hangs?|hung|fails?|broke|went|came|got|gets?|goes|grew|grows?|ran|runs|"
    r"wants?|needs?|expects?|lost|loses?|stopped|dies?|sits?|shows?|takes?|took|eats?|ate|uses?|burns?|throws?|threw|spikes?|drops?|fills?|falls?|fell|begins?|began|starts|ends?|stands?|stays?|makes?|made|"
    r"migrates|moves|works|upgrades|changes|tests|rolls|investigates|debugs|deploys|patches|rebuilds|rehearses|thinks?|know|knows|see|saw|caught|found|hits?|rises?|rose|slows?|struggles?|blocks?|depends?|suffers?|complains?|hurts?|crawls?|spams?|flaps?|gone|done|over|asked|\w{3,}(?:ed|ing)|\w{3,}s (?:it|this|that|them|us|me))\b|\w'(?:s|re|m|ve|ll|d)\b"
)
# "a big ship comes in at ten", "the auditors arrive tomorrow": who does what, by their places.
DOES = re.compile(
    r"^(?:an?|the|our|their|some|more|many|another|this|xnode|xdata)(?: [\w-]+){0,5}? "
    r"(?:\w{2,}[^s\W]s (?:in|on|at|up|down|out|off|by|to|from|with|for|today|tonight|tomorrow|soon|now|again|early|late|xtime)\b"
    r"|(?:come|arrive|land|start|begin|open|close|rise|grow|launch|expect)s?\b)"
)
TROUBLE = re.compile(
    r"\b(?:leaks?|stuck|hung|slow|down|errors?|outage|migration|maintenance|test|traffic|load|deadlocks?|oom|crash(?:es|loop)?|bad|broken|timeouts?|incident|problem|trouble|latency|memory|cpu|disk|full|spike|peak|"
    r"release|deploy|config|cache|noise|noisy|flapping|false alarm|alarm|drill|game day|friday|sale|campaign|launch|emergency|sev ?\d|p\d|customers?|users?|complaints?|hotfix|upgrade|window|work)\b"
)
PASTED = re.compile(
    r"\b[A-Z]{4,}\b(?<!INC)|[a-z][A-Z]\w|[\[\]{}<>=|\\$#]|\d\d:\d\d:\d\d|::|/\w+/|\b\w+\.\w+\.\w+\("
)
CAPITALS = re.compile(
    r"\b(?:PLEASE|ASAP|URGENT|STUCK|DOWN|BROKEN|LEAKS?|SLOW|HTTP|JSON|NULLS?|FIRE|PROD|KAFKA|REDIS|WHOLE|VERY|REALLY|STILL|AGAIN|RIGHT|EVERYTHING)\b"
)
PURPOSE = re.compile(
    r"^(?:in order )?to (?:kill|free|clear|fix|mitigate|handle|recover|repair|reset|relieve|drop|flush|release|unblock|unstick|get|reduce|lower|bring|pick|help|make|stop|calm|survive|cope|apply|load|refresh|empty|recover|save|avoid|prevent|see|give|shed|absorb|keep|catch)\b"
)
# It is done now all the same: "before it bites us".
IN_TIME = re.compile(
    r"^before (?:it|this|that|they|things|users|customers|somebody|someone)(?:'s)? (?!is\b|are\b|was\b)\w+"
)
# "restore exercise is done", "restart of search went well": its first word is a noun.
TOLD = re.compile(
    rf"^{BASES}(?: (?!it\b|that\b|this\b)[\w-]+){{0,4}}? (?:is|was|are|has|went|took|ended|finished|worked|failed|helped|completed) (?!not\b)"
    r"(?:done|over|finished|complete\w*|through|ok|okay|fine|good|well|successful\w*|ready|\d.*)"
)
ABLE = re.compile(r"\b(?:allowed|able|entitled|authori[sz]ed|cleared) to \w+")
SECOND_ORDER = re.compile(
    rf"(?:^|\b(?:and|then|also|plus|please|to|you|let's|lets|better|or|but|just|should|must|now)\s+){BASES}\b(?!\s+(?:is|was|are|were|has|had|did|went|broke|of the|failed|of|jobs?|window|freeze|by itself|again)\b)"
)


def chatter(text: str) -> bool:
    """Whether it says nothing that somebody would read as a reason."""
    return bool(CHAT.fullmatch(text.lower().replace(",", " ").strip(" .!")))


def beside(text: str, targets: tuple[str, ...], known: Known, vocabulary: frozenset[str]) -> Beside:
    """What this part of a message is to a command on these targets."""
    named = names_in(text, known, vocabulary)
    words = " ".join(named.text.split())
    waits = IF.search(words)  # "as soon as", before its "as" is left out
    before = None
    while before != words:  # "and because ..."
        before, words = words, LEADING.sub("", words, count=1)
    if CHAT.fullmatch(words.replace(",", " ").strip()) or not words:
        return Beside("reason")
    calm = STATE_NOT.sub(" is bad ", words)
    purpose = PURPOSE.match(words)
    if IN_TIME.match(words):
        waits, calm = None, calm.removeprefix("before ")
    if BACK.search(calm):
        return Beside("against", TAKEN_BACK)
    if FORBIDS.search(calm):
        return Beside("against", NOT_DONE)
    if waits or IF.search(calm):
        return Beside("against", CONDITIONAL)
    if WHEN.search(calm):
        return Beside("against", LATER)
    calm = ABLE.sub(" fine ", calm)
    if SECOND_ORDER.search(calm) and not purpose and not TOLD.match(calm):
        return Beside("against", SECOND)
    others = [n for n in named.nodes if n not in targets]
    states = FINITE.search(calm) or DOES.match(calm)
    if targets and others and not states:
        every = ", ".join((*targets, *others))
        return Beside("against", f"That names {every}. One change at a time: which one first?")
    if NARROW.search(calm):
        return Beside("unsure" if states else "against", PART)
    ids = named.order or named.incident or named.silence
    doubtful = (
        HEDGED.search(calm)
        or re.search(r"\bnot?\b|n't\b|\bnone\b|\bnothing\b", calm)
        or IMPERATIVE.match(words)
        or PASTED.search(CAPITALS.sub("", text))
        or ((ids or named.unknown) and not states)
    )
    if doubtful:
        return Beside("unsure")
    if purpose or states or (TROUBLE.search(calm) and len(words.split()) <= 8):
        return Beside("reason")
    return Beside("unsure")
