"""What a question is about by its roles, where examples alone leave it open: which thing is asked,
of what, compared or ranked how. A pattern is of the trade's nouns and verbs, never of a sentence."""

# ruff: noqa: E501 -- words of one topic a line

from __future__ import annotations

import re
from collections.abc import Sequence

from chimera.agents.understanding.names import Known, Named
from chimera.domain import SignalKind

TOPICS: tuple[tuple[str, str], ...] = (
    ("postmortem", r"post[ -]?mortems?|retros?|retrospective|lessons?|incident report|follow-?ups? (?:from|of)"),
    ("slo", r"slos?|slas?|error budgets?|budgets?|service levels?|objectives?|burn rates?|uptime|availability|nines|promised?|reliab\w+"),
    ("capacity", r"(?:run|runs|running) (?:out|low|short)|fill(?:s|ing)? up|how full|fullest|headroom|capacity|(?:disk|disks|pool|volume|storage)\b.*\b(?:full|fill|fills|last|left|free|space|enough)|(?:full|space|room|left)\b.*\b(?:disk|disks|pool|storage)"),
    ("owner", r"owns?|owners?|owned|responsible|belongs?|whose|which team|what team|contacts?|on[ -]?call|who (?:do|should|can|must|shall) (?:i|we) (?:ask|call|ping|page|talk to|wake|contact|bug|tell)|looks? after|accountable|in charge"),
    ("brakes", r"silenc\w+|mut(?:ed|es|ing)|snooz\w+|paus\w+|freez\w+|frozen|maintenance|on hold|held back"),
    ("orders", r"approv\w+|waiting for|orders?|signed? off|sign-off|rejected|denied|pending|(?:asked|asks) for|rolled? ?back|rollback|repairs?|carried out|restarted|scaled"),
    ("changes", r"deploy\w*|releas\w+|versions?|roll-?outs?|rolled out|shipp\w+|config\w*|settings?|changed?|changes|went out|touched"),
    ("logs", r"logs?|logging|logged|log lines?|stack traces?|exceptions?|tracebacks?|warnings?|error messages?"),
    ("lineage", r"lineage|upstream|downstream|feeds?|fed|fills|comes? from|coming from|writes?|written|reads?|derived|produc\w+|consum\w+|built from|made (?:of|from)|get (?:its|the) (?:data|numbers)"),
    ("freshness", r"fresh\w*|stale\w*|how old|up to date|last (?:updated|refreshed|loaded|written)|outdated|behind|late|recent"),
    ("schema", r"columns?|fields?|schema|structure|data types?"),
    ("quality", r"nulls?|duplicates?|quality|complete\w*|clean|trust\w*|missing values|garbage|corrupt\w*"),
    ("dependencies", r"depends?|dependenc\w+|calls?|callers?|talks? to|relies|rely|uses|topology|architecture|what (?:is|does) (?:xnode|the)"),
    ("impact", r"affect\w*|impact\w*|customers?|users?|clients?|blast radius|feels?|felt|notic\w+|suffer\w*|hurt\w*|how (?:bad|serious|severe|critical|urgent)|severity|priority|goes down|who else"),
    ("since_when", r"since when|how long|when did|what time did|when was|started?|begin|began|beginning"),
    ("history", r"last time|before|ever|previous\w*|past|history|how often|again|earlier|seen this|incidents|outages?|happened|overnight|fixed"),
    ("runbooks", r"runbooks?|remed(?:y|ies)|what can (?:i|we|you) do|how (?:do|can) (?:i|we) fix|options|allowed"),
    ("cause", r"why|how come|reason|root cause|causes?|caused|culprit|blame|explain|diagnos\w+|due to|because of"),
    ("status", r"anything|everything|wrong|broken|on fire|status|overview|summary|summar\w+|situation|one-?liner|standup|hand-?over|sitrep|going on|attention|worr\w+|all (?:good|ok|green|clear|well|quiet)|problems?|issues?|alerts?|firing"),
    ("health", r"ok|okay|fine|healthy|health|down|up|slow|broken|working|alive|recover\w*|how is|doing|behav\w+|normal|wrong with"),
)  # fmt: skip
WRITTEN = tuple((topic, re.compile(rf"\b(?:{words})\b")) for topic, words in TOPICS)
AGGREGATE = re.compile(
    r"\b(?:how many|how much|average|avg|mean|median|sum|total|totals|count|number of|maximum|max|minimum|min|distinct|different|unique|share of|percentage|percent|on average|in total|altogether|per|top \d+|by)\b"
)
SUPERLATIVE = re.compile(
    r"\b(?:most|least|fewest|highest|lowest|biggest|largest|smallest|best|worst|top|busiest|slowest|fastest|quickest|heaviest|lightest|longest|shortest|oldest|youngest|newest|cheapest|priciest|costliest|hottest|coldest|tallest|farthest|closest|strongest|weakest|hungriest|greediest)\b"
)
COMPARED = re.compile(
    r"\b(?:slower|faster|quicker|higher|lower|busier|worse|better|more|less|fewer|up|down|risen|rising|rose|rise|grown|growing|grew|grow|drop\w*|fallen|falling|fell|fall|increased|increasing|decreased|decreasing|gone up|gone down|went up|went down|doubled|jumped|spiked?|changed|normal|usual|climb\w*|improv\w+)\b"
)
EARLIER = re.compile(
    r"\b(?:than|compared|versus|vs|against|since|before|usual|normal|yesterday|last|earlier|ago)\b|xtime"
)
SERVICES = re.compile(r"\b(?:services?|apps?|nodes?|components?|systems?|ones?|who|instances?)\b")
ABOUT_DATA = re.compile(  # asks about a dataset, not of its rows
    r"\b(?:fresh\w*|stale|up to date|late|updated|refreshed|loaded|lineage|upstream|downstream|feeds?|reads?|writes?|written|come from|comes from|depends?|own\w*|whose|responsible|columns|schema|fields|quality|incident|wrong|broken|affect\w*|break\w*|breaks|drift|runbooks?|restart|silenced?|why|since when|numbers from)\b"
)
NOUNS = frozenset("id name time day date value status type at on number count total age level code version service services host error errors".split())  # fmt: skip  # noqa: SIM905
BLAMES = re.compile(
    r"\b(?:broke|break|breaks|breaking|caus\w+|fault|because of|due to|behind|blame|kill\w*|took down|responsible for|hurt\w*|trigger\w*)\b"
)
RELATES = re.compile(
    r"\b(?:feeds?|calls?|depends?|reads?|writes?|uses?|reach(?:es)?|stands?|rel(?:y|ies)|needs?|supplies|talks?|comes?) ?(?:on|from|to|into)? (?:the )?(?:xnode|xdata)\b"
)
OF_THE_GRAPH = ("lineage", "dependencies", "impact", "sql")
OF_INCIDENTS = (
    "postmortem",
    "timeline",
    "owner",
    "impact",
    "since_when",
    "cause",
    "history",
    "logs",
    "runbooks",
)
OF_NODES = ("health", "capacity", "metric", "status", "dependencies", "lineage", "freshness")
LIKELY = 0.15
PLAINLY: tuple[tuple[str, re.Pattern[str]], ...] = (  # which speak for themselves
    ("timeline", re.compile(
        r"\b(?:time-?line|chronolog\w+|(?:sequence|order) of events|blow by blow|minute by minute|what happened when|who (?:did|said) what|"
        r"what (?:did|have|has) (?:(?:people|everybody|everyone|they|the team|humans|others|anybody|colleagues) (?:all )?(?:say|said|do|done|write|written|try|tried)|we (?:say|said|write))\b(?=.*\b(?:in|on|about|to|during|for|so far)\b.*(?:\bit\b|\bthis\b|\bthat\b|xincident|incident|so far)))"
    )),
    ("orders", re.compile(
        r"\b(?:what|which (?:orders|changes|repairs)) (?:did|has|have) xunknown (?:do|done|approve\w*|den(?:y|ied)|order\w*|ask\w* for|restart\w*)\b|"
        r"\b(?:did|has) xunknown (?:already |ever )?(?:approve|den(?:y|ied)|reject|restart|scale|roll|recycle|ask for|order)\w*\b"
    )),
    ("trend", re.compile(
        r"\b(?:(?:gets?|getting|got|become|becoming|looks?|looking|going|gone|any) (?:any |a bit |much |even |still )*(?:better|worse)|improving|recovering|"
        r"calming down|cooling down|easing(?: off)?|going away|deteriorating|worsening|under control|(?:better|worse) (?:now|yet|already)|is (?:it|this) (?:better|worse|over))\b"
    )),
)  # fmt: skip


def topic_of(
    text: str,
    named: Named,
    kind: SignalKind | None,
    known: Known,
    ranked: Sequence[tuple[str, float]],
    sure: str,
) -> str:
    """The intent that a question's roles speak for; `sure` where they say nothing of it."""
    words = named.text.replace("xtime", " xtime ")
    if named.order or named.silence:
        return sure
    if kind is None and (plain := next((t for t, said in PLAINLY if said.search(words)), "")):
        return plain
    if named.metric and "xdata" not in words:
        return "metric"
    if len(named.nodes) == 2 and RELATES.search(words) and sure not in OF_THE_GRAPH:
        return "lineage" if "xdata" in words else "dependencies"
    if len(named.nodes) > 1 and BLAMES.search(words):
        return "cause"
    if sure != "sql" and of_rows(words, named, known):
        return "sql"
    several = len(named.nodes) > 1
    if kind is not None and (several or "xdata" not in words) and of_signals(words, named, kind):
        return "metric"
    if named.incident and sure in OF_NODES:
        return "incident"
    if sure:
        return sure
    found = [topic for topic, pattern in WRITTEN if pattern.search(words)]
    shares = dict(ranked)
    if named.incident and not set(found) & set(OF_INCIDENTS):
        return "incident"
    if named.incident:
        found = [topic for topic in found if topic in OF_INCIDENTS]
    if found:
        return max(found, key=lambda one: (shares.get(one, 0.0) > 0.04, shares.get(one, 0.0)))
    name = named.nodes or named.incident
    if (
        name
        and ranked
        and ranked[0][1] >= LIKELY
        and ranked[0][0] not in ("greeting", "other", "help", "forget")
    ):
        return ranked[0][0]
    return ""


def of_a_signal(named: Named, kind: SignalKind | None, known: Known) -> bool:
    """Whether a measured thing of a node is spoken of, and not the rows of a dataset."""
    if named.metric:
        return True
    return bool(kind is not None and named.nodes and not of_rows(named.text, named, known))


def of_rows(words: str, named: Named, known: Known, compared: bool = False) -> bool:
    """Whether the rows of a dataset are asked about: an aggregate, a rank, or two days of a column."""
    if not known.columns or any(not known.is_data(n) for n in named.nodes):
        return False
    numbers = compared or AGGREGATE.search(words) or SUPERLATIVE.search(words)
    if "xdata" in words:
        return bool(numbers) and not ABOUT_DATA.search(words)
    spoken = re.findall(r"[a-z_]+", words)
    columns = {c.lower() for fields in known.columns.values() for c in fields} - NOUNS
    parts = {p for c in columns for p in c.split("_") if len(p) > 3}
    tables = {t for n in known.columns for t in (n.lower(), n.lower().split("_")[-1])}
    forms = {f for w in spoken for f in (w, w.removesuffix("s"), re.sub("ies$", "y", w), f"{w}s")}
    hits = forms & columns or forms & {p for p in parts if p not in NOUNS} or (forms & tables)
    return bool(hits and numbers and not ABOUT_DATA.search(words))


def of_signals(words: str, named: Named, kind: SignalKind) -> bool:
    """Whether a signal is ranked over services, or held against an earlier time."""
    if SUPERLATIVE.search(words) and (not named.nodes or SERVICES.search(words)):
        return True
    several = len(named.nodes) > 1
    return bool(named.nodes and COMPARED.search(words) and (several or EARLIER.search(words)))
