"""Links and pictures in text: only those to listed hosts stay; the others are shown and not live."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import BaseModel

from chimera.domain import Estate
from chimera.platform.settings import Settings

# A picture is loaded without a click: none is taken from text. Chimera draws its own.
PICTURE = re.compile(
    r"!\[(?P<alt>[^\]]*)\]\s*(?:\([^)]*\)?|\[[^\]]*\])|<\s*(?:img|image|iframe|object|embed|video|audio|"
    r"script|link|svg|base|meta|form|input)\b[^>]*>?",
    re.I,
)
NAMED = re.compile(r"\[(?P<said>[^\]]*)\]\s*\((?P<to>[^)]*)\)?")  # [said](to)
SLACK = re.compile(r"<(?P<to>[a-z][a-z0-9+.-]*:[^|>\s]+)(?:\|(?P<said>[^>]*))?>", re.I)
TAG = re.compile(r"<\s*/?\s*a\b[^>]*>", re.I)
ADDRESS = re.compile(
    r"(?<![\w@])(?:(?:[a-z][a-z0-9+.-]{1,15}:)?//[^\s<>\"'`|)\]]+|"
    r"(?:javascript|data|vbscript|mailto|tel|file|blob):[^\s<>\"'`|)\]]+|"
    r"(?:www\.[^\s<>\"'`|)\]]+)|"
    r"(?:[a-z0-9-]+\.)+[a-z]{2,24}(?::\d+)?[/?#][^\s<>\"'`|)\]]+)",
    re.I,
)
MENTION = re.compile(r"<[!@#][^>]*>|@(?=(?:channel|here|everyone)\b)", re.I)


class Links:
    """Which hosts may be linked to. `.example.org` lists a domain with everything below it."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self.hosts = frozenset(host.lower() for host in hosts if host)

    @classmethod
    def of(cls, settings: Settings, estate: Estate | None = None) -> Links:
        """The hosts that settings and estate name, and those listed beside them."""
        hosts = set(settings.guard.hosts)
        hosts |= {host_of(address) for address in addresses(settings)}
        for node in estate.nodes if estate else ():
            hosts |= {host_of(link) for link in node.links.values()}
        if settings.slack:
            hosts.add(".slack.com")
        return cls(hosts)

    def allowed(self, address: str) -> bool:
        """Whether an address is http(s) on a listed host, with no name or password in it."""
        try:
            parts = urlsplit(address.strip())
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc or "\\" in address:
            return False
        return host in self.hosts or any(
            host.endswith(listed) for listed in self.hosts if listed.startswith(".")
        )

    def neutral(self, text: str) -> str:
        """The text with live links to listed hosts alone, and with nothing that nobody sees."""
        text = PICTURE.sub(lambda m: f"[picture left out: {m['alt'] or 'no name'}]", seen(text))
        text = MENTION.sub(lambda m: dead(m[0].strip("<>")), text)
        text = SLACK.sub(self._spelt_out, text)
        text = NAMED.sub(self._spelt_out, text)
        text = TAG.sub("", text)
        return ADDRESS.sub(lambda m: m[0] if self.allowed(m[0]) else dead(m[0]), text)

    def _spelt_out(self, match: re.Match[str]) -> str:
        """A link's name and its address side by side, so that neither hides the other."""
        said, to = (match["said"] or "").strip(), match["to"].strip()
        if not to or not ADDRESS.match(to.strip("<>")):
            return match[0] if not match[0].startswith("<") else dead(to)
        return f"{said} ({to.strip('<>')})" if said and said != to else to.strip("<>")


def addresses(section: BaseModel) -> Iterable[str]:
    """Every http(s) address that settings name."""
    for _, value in section:
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield value
        elif isinstance(value, BaseModel):
            yield from addresses(value)


def host_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def dead(address: str) -> str:
    """An address that can be read and not followed: hxxps://evil[.]example."""
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() in ("http", "https"):
        scheme = scheme.lower().replace("tt", "xx")
    spelt = f"{scheme}{'[:]' if colon else ''}{rest}".replace("//", "/ /")
    return spelt.replace(".", "[.]").replace("@", "[at]")


def seen(text: str) -> str:
    """Without characters that nobody sees: zero width, direction, tags, controls."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        sign
        for sign in text
        if sign in "\n\t"
        or (
            unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Cn")
            and not 0xFE00 <= ord(sign) <= 0xFE0F
        )
    )
