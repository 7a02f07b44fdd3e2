"""What a metric tells about, read from its name: the trade's words, never a service's."""

from __future__ import annotations

import re

from chimera.diagnosis.observed import Trouble as T

_SPLIT = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# The first row that fits decides; a word fits when a part of the name begins with it.
_WORDS: tuple[tuple[T, tuple[str, ...]], ...] = (
    (T.DISK, ("disk", "filesystem", "inode")),  # a host's full disk stops whoever runs there
    (T.HOST, ("node", "host", "machine")),
    (T.NETWORK, ("retrans", "packet", "gap", "ping", "rtt")),
    (
        T.LATENCY,
        ("lat", "latency", "latencies", "duration", "delay", "response", "elapsed", "wait"),
    ),
    (T.ERRORS, ("error", "err", "fail", "exception", "fault", "success", "availab", "reject")),
    (T.ERRORS, ("5xx", "4xx", "code5", "code4")),
    (T.CPU, ("cpu", "processor", "throttl", "core", "load1")),
    (T.MEMORY, ("mem", "rss", "heap", "swap", "oom", "gc")),
    (T.DISK, ("disk", "fs", "filesystem", "io", "iops", "diskio", "syscall", "inode", "volume")),
    (
        T.BYTES,
        ("rx", "tx", "bytes", "receive", "transmit", "sent", "recv"),
    ),
    (T.NETWORK, ("net", "network", "socket", "tcp", "conn")),
    (T.DATA, ("rows", "null", "fresh", "schema", "drift", "lag")),
    (
        T.TRAFFIC,
        (
            "request",
            "req",
            "workload",
            "qps",
            "rps",
            "ops",
            "throughput",
            "traffic",
            "calls",
            "hits",
        ),
    ),
)
_SHORT = {"lat", "io", "fs", "rx", "tx", "gc", "net", "req", "ops", "err", "lag", "gap", "core"}
_FALLS = ("success", "availab", "uptime", "healthy")


def parts(name: str) -> tuple[str, ...]:
    """`latency_Average` -> latency, average."""
    return tuple(p for p in _SPLIT.split(_HUMP.sub(" ", name).lower()) if p)


def kind_of(name: str) -> T:
    """What a metric of this name tells about."""
    found = parts(name)
    for kind, words in _WORDS:
        if any(p == w if w in _SHORT else p.startswith(w) for p in found for w in words):
            return kind
    return T.OTHER


def falls(name: str) -> bool:
    """Less of it is the trouble: a rate of success, availability."""
    return any(p.startswith(word) for p in parts(name) for word in _FALLS)


def side(name: str) -> str:
    """`client` or `server` where the name tells at which end of a call it was measured."""
    found = parts(name)
    return "client" if "client" in found else "server" if "server" in found else ""


def additive(name: str) -> bool:
    """An average or a sum: what callees add to it adds up. A quantile does not."""
    found = parts(name)
    if any(re.fullmatch(r"p\d+|q\d+|quantile|max|min|median", p) for p in found):
        return False
    return not re.search(r"p\d{2,3}(?![0-9a-z])", name.lower())


def is_share(name: str) -> bool:
    """Of a whole: per cent, a ratio, utilisation."""
    shares = ("pct", "percent", "ratio", "share", "util")
    return any(p.startswith(word) for p in parts(name) for word in shares)
