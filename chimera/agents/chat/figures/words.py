"""The words with which numbers are asked for: aggregates, superlatives, orders, and where nouns end."""

# ruff: noqa: E501, SIM905 -- lists of words

from __future__ import annotations

import re

from chimera.agents.chat.figures.question import How

AGGREGATES: tuple[tuple[str, How], ...] = (
    (r"distinct|different|unique", "distinct"),
    (r"how many|count(?: of| the)?|number of|how often", "count"),
    (r"shares?(?: of)?|percent(?:age)?(?: of)?|proportion(?: of)?|fraction(?: of)?|what part of", "share"),
    (r"on average|average|avg|(?<!i )(?<!you )(?<!do )mean|averages?|typical(?:ly)?|in the mean", "avg"),
    (r"median", "median"),
    (r"sum(?: up)?(?: of)?|totals?|in total|altogether|overall|in all|combined|how much", "sum"),
    (r"maximum|max", "max"),
    (r"minimum|min", "min"),
)  # fmt: skip
AGGREGATE = re.compile("|".join(rf"(?P<{how}>\b(?:{words})\b)" for words, how in AGGREGATES))
TRAILING = frozenset(("on average", "in total", "altogether", "overall", "in all", "combined", "in the mean"))  # fmt: skip
DOWN = "most highest biggest largest greatest best top strongest leading"
UP = "least fewest lowest smallest worst bottom weakest"
OWN = (  # superlatives that say what they measure
    "heaviest lightest longest shortest slowest fastest quickest oldest youngest cheapest priciest costliest dearest "
    "farthest furthest nearest closest tallest deepest widest hottest coldest warmest coolest fullest"
)
WHEN = "latest newest earliest first last"
OFTEN = r"most (?:common|frequent|popular|often|used|ordered|sold)|least (?:common|frequent|popular|often|used)|busiest|commonest"
SUPERLATIVE = re.compile(
    rf"\b(?:(?P<nth>second|third|2nd|3rd)[ -])?(?:(?P<often>{OFTEN})|(?P<dear>most (?:expensive|costly|valuable|money|lucrative))|(?P<cheap>least (?:expensive|money|valuable))"
    rf"|(?P<old>most recent)|(?P<own>{'|'.join(OWN.split())})|(?P<when>{'|'.join(WHEN.split())})"
    rf"|(?P<down>{'|'.join(DOWN.split())})|(?P<up>{'|'.join(UP.split())}))\b"
    r"(?:[ -](?P<n>\d+|two|three|four|five|six|seven|ten|twenty)\b)?"
)
# What is worst has the least of these, and the most of anything else: delays, errors, losses.
GOOD = re.compile(
    r"\b(?:rat(?:ed|ings?)|scores?|grades?|stars?|satisf\w+|sell\w*|sold|sales|revenues?|profits?|margins?|uptime|quality)\b"
)
LEADING_NUMBER = re.compile(
    r"\b(?P<n>\d+|two|three|four|five|six|seven|ten|twenty)\s+(?:[a-z_]+\s+){1,2}(?:with|having|that have|which have)\s+(?:the\s+)?$"
)
NTH = {"second": 1, "2nd": 1, "third": 2, "3rd": 2}
SOME = re.compile(
    r"\b(?P<n>\d+|two|three|four|five|six|seven|ten|twenty)\s+(?:\w+\s+)?(?P<c>[a-z_]+)"
)
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "twenty": 20}  # fmt: skip
FALLING = re.compile(
    r",?\s*(?:\bthe )?\b(?:(?:biggest|highest|largest|most|heaviest|top|longest|best|newest|latest|oldest|worst|most expensive) (?:one )?(?:first|on top)|descending|desc|in descending order|high to low|from high to low|largest to smallest)\b"
)
RISING = re.compile(
    r",?\s*(?:\bthe )?\b(?:(?:smallest|lowest|least|lightest|shortest|cheapest|oldest|earliest) (?:one )?first|ascending|asc|in ascending order|low to high|from low to high)\b"
)
SORTED = re.compile(
    r",?\s*\b(?:sorted|ordered|ranked|sort|order|rank)(?: it| them)? by (?:the )?(?P<c>\w+)"
)
BY = re.compile(
    r"\b(?:by|per|for each|for every|in each|on each|each|every|grouped by|split by|broken down by|split up by|across|over)\s+"
    r"(?:the |each |every |all )?(?P<c>[a-z_]\w*)(?:(?:,| and|, and) (?:by |per )?(?P<d>[a-z_]\w*))?"
)
ENDS = frozenset((
    "by per in of for from on where over across each every is are was were do does did have has had and or which what "
    "who whose how the there we i you it to at with when grouped split broken according as than among that this me "
    "show give list ¦ be been came come go went get got cost costs weigh weighs last lasted took take"
).split())  # fmt: skip
LEADING = re.compile(
    r"^(?:of|the|all|a|an|our|single|individual|ever|recorded|known|\d+|three|five|ten|twenty)\s+"
)
PLAIN = frozenset((  # words that need no column
    "row rows record records entry entries line lines number count item items order orders common frequent popular sold "
    "bought expensive often used one ones time times day's overall altogether different distinct unique share data "
    "busiest best worst strongest weakest leading average avg mean median sum total maximum max minimum min largest "
    "highest biggest greatest smallest lowest most least fewest top bottom case cases thing things value values amount "
    "amounts quantity figure figures so far ever now currently please again today money all they us exactly really"
).split())  # fmt: skip
ROWS = frozenset("row rows record records entry entries line lines item items one ones case cases thing things".split())  # fmt: skip
QUANTITY = frozenset(("value", "values", "amount", "amounts", "quantity", "figure", "figures", "number", "size"))  # fmt: skip
PERSON = re.compile(
    r"customer|client|user|name|person|patient|driver|employee|member|passenger|buyer|seller|student|agent|doctor|nurse|rider|tenant|author|supplier|guest|visitor"
)
LISTS = re.compile(r"\b(?:which|list|show|give|what|display|print|who|find|name|see)\b")
EXISTS = re.compile(
    r"^\W*(?:(?:so|and|but|hey|hi|ok|morning)\W+)*(?:is|are|was|were|do|does|did|have|has|any)\b"
)


def phrase(text: str) -> list[str]:
    """The noun that a text begins with, as its words."""
    text = text.lstrip()
    while (bare := LEADING.sub("", text)) != text:
        text = bare
    found = []
    for word in re.findall(r"[\w']+|[,.;?!¦()]", text):
        if word in ENDS or not (word[0].isalnum() or word[0] == "_"):
            break
        found.append(re.sub(r"'s$", "", word))
    return found[:3]


def how_of(match: re.Match[str]) -> How:
    """Which aggregate a match of `AGGREGATE` is."""
    return next(how for _, how in AGGREGATES if match[how])
