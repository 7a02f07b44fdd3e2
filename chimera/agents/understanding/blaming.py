"""How people blame: the verbs, and the forms of speech that join a cause to its effect."""

# ruff: noqa: E501 -- one form of speech a line

from __future__ import annotations

import re

AUX = r"(?:did|does|do|has|have|had|could|can|might|may|is|was|are|were)(?:n't| not)?"
SURELY = r"(?:really|actually|also|just|then|probably|surely|again|now|maybe|perhaps|definitely|certainly|likely|simply|in fact)"
C, E = r"(?P<cause>.+?)", r"(?P<effect>.+?)"
VERB = (
    r"(?:broke(?:n)?|break(?:s|ing)?|kill(?:s|ed|ing)?|caus(?:e|es|ed|ing)|trigger(?:s|ed|ing)?|hurt(?:s|ing)?|slow(?:s|ed|ing)(?: down)?|crash(?:es|ed|ing)|"
    r"ruin(?:s|ed|ing)?|harm(?:s|ed|ing)?|damag(?:e|es|ed|ing)|block(?:s|ed|ing)|mess(?:es|ed|ing)? up|screw(?:s|ed|ing)? up|degrad(?:e|es|ed|ing)|impact(?:s|ed|ing)?|"
    r"affect(?:s|ed|ing)?|overload(?:s|ed|ing)?|starv(?:e|es|ed|ing)|led to|leads? to|result(?:s|ed|ing)? in|explains?|delay(?:s|ed|ing)?|corrupt(?:s|ed|ing)?|drag(?:s|ged|ging) down)"
)
DOWN = r"(?:took|takes?|taking|taken|brought|brings?|bringing|knock(?:s|ed|ing)?|tore)"
MADE = r"(?:made|makes?|making|got)"
STATE = r"(?:slow\w*|late|later|fail\w*|stale|break|crash|worse|hang|time out|stop|unavailable|red|empty|wrong|burn)"
FROM = r"(?:because of|because|cuz|coz|due to|thanks to|on account of|as a (?:result|consequence) of|(?:caused|broken|killed|triggered|slowed(?: down)?|hurt|hit|affected|blocked|crashed|(?:brought|taken|knocked) down) by)"
IT = r"(?:it|that|this|it all|all this|all that|the problem|the trouble|the issue|the incident|the outage|the cause|the culprit|the reason|the root cause)"
BE = r"(?:is|was|are|were|must be|must have been|has to be|has got to be|could be|could have been|might be|might have been|may be|can be|will be|would be|'s|isn't|wasn't)"
WHY = r"(?:what|why|the (?:real |main |actual |root )?(?:cause|reason|culprit|problem)|the one|the thing|to blame|at fault|responsible|guilty|behind|how)"
LINK = r"(?: (?:for|of|that|which|why|behind|with))*"
HARM = r"(?:harm|damage|trouble|problems?|issues?|effects?|impact|consequences|side[ -]effects?|fallout|regressions?|errors|difference|mischief)"
ANY = r"(?:any|no|some|much|a lot of|more|visible|noticeable|real|bad|negative|good|an?)"
ANYTHING = r"(?:anything|something|things|anyone|anybody|stuff|everything|us|users|customers)"

# What is said, and whether any harm at all is asked about. The first that fits the sentence counts.
SAID: tuple[tuple[re.Pattern[str], bool], ...] = tuple(
    (re.compile(pattern, re.I), harm)
    for pattern, harm in (
        (rf"(?:what|how much|which) (?:{HARM} )?(?:did|does|has) {C} (?:do|done|break|broken|cause|caused|hurt|change for the worse)", True),
        (rf"(?:{AUX} )?{C} (?:do|done|does|did|cause|causes|caused|have|has|had|make|made|do us|bring)(?: {ANY})* {HARM}(?: (?:to|on|for|with|in|at) {E})?", True),
        (rf"(?:{AUX} )?{C} (?:break|breaks|broke|broken|hurt|hurts|harm|harmed|damaged?|kill|killed|affect|affected|slow down) {ANYTHING}", True),
        (rf"(?:(?:is|was|were|are|did you see|do you see) (?:there )?)?(?:any|no) {HARM} (?:from|by|of|after|since|with|due to|because of) {C}", True),
        (rf"(?:did|has|have|is|was) {ANYTHING} (?:break|broken|go wrong|gone wrong|fail|failed|get worse|gotten worse|suffer)\w* (?:since|after|from|by|with|because of|due to) {C}", True),
        (rf"(?:is|was|were|are) {C} (?:harmless|safe|harmful|innocent|bad|clean)", True),
        (rf"(?:is|was|are|were|isn't|wasn't) {E} (?:the )?fault of {C}", False),
        (rf"(?:is|was|are|were|isn't|wasn't) {E} {C}(?:'s|') fault", False),
        (rf"(?:{E} )?(?:is|was|are|were|'s)? ?(?:all )?(?:the )?fault of {C}", False),
        (rf"{IT}(?: is|'s| was) (?:all )?{C}(?:'s|') fault", False),
        (rf"(?:can|could|should|may|do|would) (?:i|we|you) blame {C}(?: (?:for|on) {E})?", False),
        (rf"blame {C} for {E}", False),
        (rf"(?:is|was|are|were|could|can|might) {C} (?:be )?(?:{SURELY} )*{WHY}{LINK} {VERB} {E}", False),
        (rf"(?:is|was|are|were|could|can|might) {C} (?:be )?(?:{SURELY} )*{WHY}{LINK}(?: {E})?", False),
        (rf"{C} {BE} (?:{SURELY} )*{WHY}{LINK} {VERB} {E}", False),
        (rf"{C} {BE} (?:{SURELY} )*{WHY}{LINK} {DOWN} (?:down |out |offline )?{E}(?: down| out| offline)?", False),
        (rf"{C} {BE} (?:{SURELY} )*{WHY}{LINK}(?: {E})?", False),
        (rf"(?:{AUX} )?{C} (?:has|have|had|got) (?:something|nothing|anything|a lot|much) to do with {E}", False),
        (rf"(?:is|are|was|were) {C} (?:related|connected|linked) (?:to|with) {E}", False),
        (rf"(?:{AUX} )?{E} {FROM} {C}", False),
        (rf"(?:{AUX} )?{E} (?:comes?|came|coming|stems?|stemming|results?) from {C}(?P<deliberate>)", False),
        (rf"(?:{AUX} )?{E} (?:ever )?(?:since|after) {C}(?P<elsewhere>)", False),
        (rf"(?:ever )?(?:since|after) {C}(?P<elsewhere>)(?:,| we have| there (?:is|are)) {E}", False),
        (rf"(?:{BE}) (?:{IT}) (?:be )?(?:{SURELY} )*(?:{FROM} )?{C} (?:that|which|who) (?:{VERB}|{DOWN}(?: down)?|{MADE}) {E}", False),
        (rf"(?:is|was) (?P<effect>INC-\d+) (?:really |also |just )?(?:{FROM} )?{C}", False),
        (rf"(?:{BE}|could|might|may|can|must) (?:{IT}) (?:be |have been )?(?:{SURELY} )*(?:{FROM} )?{C}", False),
        (rf"{IT} ?{BE} (?:{SURELY} )*(?:{FROM} )?{C} (?:that|which|who) (?:{VERB}|{DOWN}(?: down)?|{MADE}) {E}", False),
        (rf"{IT} ?{BE} (?:{SURELY} )*(?:{FROM} )?{C}", False),
        (rf"(?:{AUX} )?{C} (?:have |has |had |be |been )?(?:{SURELY} )*{DOWN} (?:down |out |offline ){E}", False),
        (rf"(?:{AUX} )?{C} (?:have |has |had |be |been )?(?:{SURELY} )*{DOWN} {E} (?:down|out|offline|with it)", False),
        (rf"(?:{AUX} )?{C} (?:have |has |had |be |been )?(?:{SURELY} )*{MADE} {E} (?:so |too |to )?{STATE}", False),
        (rf"(?:{AUX} )?{C} (?:have |has |had |be |been )?(?:{SURELY} )*{VERB}(?: (?:errors|failures|trouble|problems|the (?:errors|failures|trouble|problems|latency|delay|delays|incident|outage)) (?:of|in|on|at|with))? {E}", False),
    )
)  # fmt: skip
CARRIES = re.compile(rf"{AUX}|{VERB}|{DOWN}|{MADE}|{FROM}|blame|fault|because|due|harm|damage|down", re.I)  # fmt: skip
STATED = re.compile(  # that something is so, and not only a name for it
    r"\b(?:is|are|was|were|has|have|fail(?:s|ed|ing)?|break(?:s|ing)?|broke(?:n)?|hang(?:s|ing)?|crash\w*|slow\w*|down|late|stale|stuck|wrong|tim(?:es?|ing) out|throw(?:s|ing)?|worse|grow(?:s|ing)?|leak(?:s|ing)?)\b",
    re.I,
)
