"""Whether a text is an address at all: a typo is told before anybody is asked there."""

from __future__ import annotations

from urllib.parse import urlsplit

PORTS = range(1, 65_536)
STORES = ("postgresql+asyncpg", "sqlite+aiosqlite")


def check_address(url: str) -> str:
    """The address as it is. Raises ValueError that says what is wrong and how one is written.

    What stands before an `@` is not repeated: it may be a password.
    """
    if why := wrong(url):
        shown = url.rpartition("@")[2]
        raise ValueError(f"{shown!r} {why}; write it like http://host:8300 or https://host")
    return url


def wrong(url: str) -> str:
    """What is wrong with an address; nothing: it can be asked."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return "has a blank or a control character in it"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "has no port from 1 to 65535, or a bracket too many"
    if parts.scheme not in ("http", "https"):
        return "is no http or https address"
    if not parts.hostname:
        return "names no host"
    if port is not None and port not in PORTS:
        return "has no port from 1 to 65535"
    return ""


def check_store(url: str) -> str:
    """A database's address. Raises ValueError, which repeats its kind alone."""
    kind, slashes, rest = url.partition("://")
    if kind not in STORES or not slashes or not rest:
        raise ValueError(
            f"{kind + '://' if slashes else 'it'} is no database that Chimera can use; write "
            "postgresql+asyncpg://USER:PASSWORD@HOST/NAME or sqlite+aiosqlite:////FILE"
        )
    return url


def check_server(address: str) -> str:
    """HOST:PORT. Raises ValueError."""
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and int(port) in PORTS):
        raise ValueError(f"{address!r} is no HOST:PORT; write it like 127.0.0.1:7233")
    if "/" in host:
        raise ValueError(f"{address!r} is no HOST:PORT; leave the scheme away")
    return address
