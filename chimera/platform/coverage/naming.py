"""Which label names the service, and which says that a request failed: found from the series."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Labels = Mapping[str, str]

SERVICE_LABELS = (
    "exported_service", "service", "service_name", "exported_job", "app_kubernetes_io_name", "app",
    "application", "component", "deployment", "workload", "container", "job",
)  # fmt: skip
THERE = 0.9  # of the series carry a label that may name the service
SPECIAL = re.compile(r"[\\.+*?()\[\]{}|^$]")  # of RE2
ADDRESS = re.compile(r"^[\w.-]+:\d+$")

STATUS_LABELS = (
    "code", "status", "status_code", "http_status_code", "http_response_status_code",
    "response_code", "http_status", "http_code", "grpc_code", "grpc_status", "grpc_status_code",
    "rpc_grpc_status_code", "rpc_response_status_code", "outcome", "result", "state",
    "classification", "success", "error", "error_type",
)  # fmt: skip
CODES = re.compile(r"^[1-5]\d\d$")
CLASSES = re.compile(r"^[1-5](?:xx|XX)$")
GRPC_FAULTS = (
    "Unknown", "DeadlineExceeded", "ResourceExhausted", "Unimplemented", "Internal",
    "Unavailable", "DataLoss",
)  # fmt: skip
GRPC_NUMBERS = ("2", "4", "8", "12", "13", "14", "15")  # the same, as OpenTelemetry writes them
GOOD = frozenset({
    "ok", "success", "successful", "succeeded", "unset", "status_code_ok", "status_code_unset",
    "completed", "complete", "redirection", "informational", "hit", "true", "processed", "accepted",
})  # fmt: skip
BAD = (
    "error", "errors", "failed", "failure", "fail", "server_error", "status_code_error",
    "exception", "timeout", "rejected", "aborted", "panic", "dropped", "unavailable",
)  # fmt: skip


def service_label(series: Sequence[Labels], first: Sequence[str] = (), most: int = 500) -> str:
    """The label that names the service in these series; "" if none does.

    One of `first`, else the usual names in order, the first that nearly all series carry. One whose
    values are addresses, or more than `most`, tells instances apart and no services; an
    `exported_` one was put aside by Prometheus and is what the exporter meant.
    """
    for name in (*first, *SERVICE_LABELS):
        values = [s[name] for s in series if s.get(name)]
        if len(values) < THERE * len(series) or len(set(values)) > most:
            continue
        if name not in first and all(ADDRESS.match(v) for v in set(values)):
            continue
        return name
    return ""


def failed_where(series: Sequence[Labels]) -> str:
    """PromQL for "this request failed", from a label and the values it has; "" if none tells."""
    for name in STATUS_LABELS:
        values = Counter(s[name] for s in series if s.get(name))
        if values and (found := _failed(name, list(values))):
            return found
    return ""


def _failed(name: str, values: list[str]) -> str:
    if name == "error_type":  # OpenTelemetry: there only when it failed
        return f'{name}!=""'
    if any(CODES.match(v) for v in values):
        return f'{name}=~"5.."'
    if any(CLASSES.match(v) for v in values):
        return f'{name}=~"5(xx|XX)"'
    if "grpc" in name or "OK" in values:
        if all(v.isdigit() for v in values):
            return f'{name}=~"{"|".join(GRPC_NUMBERS)}"'
        if any(v in GRPC_FAULTS for v in values) or "grpc" in name:
            return f'{name}=~"{"|".join(GRPC_FAULTS)}"'
    if name == "success" and set(values) <= {"true", "false"}:
        return 'success="false"'
    if name == "error" and set(values) <= {"true", "false"}:
        return 'error="true"'
    bad = sorted(v for v in values if v.lower() in BAD)
    if bad or any(v.lower() in GOOD for v in values):
        # Those that have not happened yet are written as those that have.
        style = str.upper if all(v.isupper() for v in values) else str.lower
        known = {style(word) for word in BAD} | set(bad)
        return f'{name}=~"{"|".join(sorted(known))}"'
    return ""


def one_of(label: str, values: Iterable[str], *, but: bool = False) -> str:
    """A matcher for exactly these values of a label, or (`but`) for all others."""
    quoted = (SPECIAL.sub(r"\\\g<0>", value) for value in sorted(values))
    text = "|".join(quoted).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{label}{"!~" if but else "=~"}"{text}"'
