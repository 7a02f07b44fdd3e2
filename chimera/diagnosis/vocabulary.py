"""What a metric tells about, read from its name: the trade's words, never a service's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chimera.diagnosis.observed import Trouble as T

_SPLIT = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # memUsed, CPUUsage
_CODES = re.compile(r"([2-5])[xX]{2}")  # Http5xx, HTTPCode_5XX


@dataclass(frozen=True)
class Rule:
    """The kind of a name that has one of `words`, one of `beside` if there are any, none of `unless`.

    A word that ends in `*` is the beginning of a word.
    """

    kind: T
    words: str
    beside: str = ""
    unless: str = ""

    def fits(self, found: Sequence[str]) -> bool:
        return (
            _has(found, self.words)
            and (not self.beside or _has(found, self.beside))
            and not (self.unless and _has(found, self.unless))
        )


_SIZE = "size* byte* length"
_LOST = "drop* los* err errs error* fail* retrans* discard* reset*"
# The first rule that fits decides, so that the narrow ones come first.
_RULES = (
    Rule(
        T.DATA, "rows row records record null nulls fresh* stale* schema* drift* watermark* dedup*"
    ),
    Rule(
        T.DATA, "lag age delay", beside="consumer* data dataset* kafka iterator* message* replica*"
    ),
    Rule(T.NETWORK, "retrans* ping rtt jitter pktloss packetloss"),
    Rule(T.NETWORK, "net network nic eth eth0 packet* pkt* tcp udp interface*", beside=_LOST),
    Rule(T.DISK, "disk* filesystem* inode* storage* ebs blkio* blk fsync volume* tablespace*"),
    Rule(T.CPU, "cpu* vcpu* cpus processor* steal runqueue load1 load5 load15"),
    Rule(T.CPU, "load", beside="1 5 15 avg average norm*"),
    Rule(T.MEMORY, "mem memory* memus* memut* memfree* memav* heap* rss swap* oom* gc pss"),
    Rule(T.MEMORY, "page pgmajfault pgfault majflt", unless="view* load* latency time web"),
    Rule(T.ERRORS, "5xx 4xx code5* code4*"),
    Rule(T.ERRORS, "500 501 502 503 504 429", beside="code status response* http* resp"),
    Rule(T.LATENCY, "lat latenc* duration* delay* elapsed wait* ttfb rt apdex tookms took"),
    Rule(T.LATENCY, "response* resp", unless=f"{_SIZE} count total code status 2xx 3xx rate"),
    Rule(T.LATENCY, "time", unless="up cpu gc start* last unix stamp window on off"),
    Rule(T.TRAFFIC, "success* ok 2xx 3xx", beside="count total requests request hits"),
    Rule(T.ERRORS, "error* err errs fail* exception* fault* success* availab* reject* abort*"),
    Rule(T.ERRORS, "refus* denied timeout* timedout unavail* unhealthy throttl* panic* crash*"),
    Rule(
        T.BUSY, "active* inflight flight concurren* pending queue* backlog conn conns connection*"
    ),
    Rule(T.BUSY, "thread* pool* session* goroutine* socket* sockets saturation busy workers"),
    Rule(T.CPU, "core cores"),
    Rule(T.BYTES, "rx tx net network* receive* transmit* sent recv* rcvd packet* pkt* bandwidth"),
    Rule(T.DISK, "fs io iops syscall* fds fd read* write*"),
    Rule(T.BYTES, "byte* size"),
    Rule(T.DATA, "lag"),
    Rule(
        T.TRAFFIC, "request* req reqs workload* load qps rps tps ops throughput traffic call calls"
    ),
    Rule(T.TRAFFIC, "hits invocation* transaction* quer* messages message* response*"),
)
_HOST = "node* host* machine instance"
_FALLS = "success* availab* uptime healthy apdex free available"
_SHARES = "pct percent* ratio* share* util* fraction perc"


def _has(found: Sequence[str], words: str) -> bool:
    return any(
        part.startswith(word[:-1]) if word.endswith("*") else part == word
        for word in words.split()
        for part in found
    )


@lru_cache(maxsize=4096)
def parts(name: str) -> tuple[str, ...]:
    """`latency_Average` -> latency, average; `HTTPCode5xxCount` -> http, code, 5xx, count."""
    spaced = _HUMP.sub(" ", _CODES.sub(r" \1xx ", name))
    return tuple(p for p in _SPLIT.split(spaced.lower()) if p)


@lru_cache(maxsize=4096)
def kind_of(name: str) -> T:
    """What a metric of this name tells about."""
    kind = _own_kind(parts(name))
    # A host's full disk stops whoever runs there; its processor and memory are shared.
    return T.HOST if _has(parts(name), _HOST) and kind is not T.DISK else kind


def kinds_of(names: Sequence[str]) -> tuple[T, ...]:
    """Of many: what is told of hosts stands for what is told of nobody else.

    Where virtual machines are what is watched, a host's processor is the service's own.
    """
    of = {name: kind_of(name) for name in names}
    told = set(of.values())
    for name, kind in of.items():
        own = _own_kind(parts(name))
        if kind is T.HOST and own not in told:
            of[name] = own
    return tuple(of[name] for name in names)


def _own_kind(found: tuple[str, ...]) -> T:
    found = tuple(p for p in found if not _has((p,), _HOST)) or found
    return next((rule.kind for rule in _RULES if rule.fits(found)), T.OTHER)


def falls(name: str) -> bool:
    """Less of it is the trouble: a rate of success, availability, what is free."""
    return _has(parts(name), _FALLS)


def side(name: str) -> str:
    """`client` or `server` where the name tells at which end of a call it was measured."""
    found = parts(name)
    return "client" if "client" in found else "server" if "server" in found else ""


def additive(name: str) -> bool:
    """An average or a sum: what callees add to it adds up. A quantile does not."""
    found = parts(name)
    if any(re.fullmatch(r"p\d+|q\d+|\d+p|\d+th|quantile|max|min|median|maximum", p) for p in found):
        return False
    return not re.search(r"p\d{2,3}(?![0-9a-z])|lat\w*[-_.]\d\d$", name.lower())


def is_share(name: str) -> bool:
    """Of a whole: per cent, a ratio, utilisation."""
    return _has(parts(name), _SHARES)
