"""Structured logs: one JSON object a line, or colours for people; secrets never get out."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from opentelemetry import trace

from chimera.platform.settings import Telemetry

HIDDEN = "[hidden]"
SECRET_KEY = re.compile(
    r"(^|[_\-.])(token|secret|password|passwd|authorization|cookie|api_?key|signing_?key|credential)s?$",
    re.IGNORECASE,
)
# Values that give themselves away wherever they stand, for instance in an exception's text.
SECRET_TEXT = re.compile(
    r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}|\bxox[abposr]-[\w-]{8,}|://[^/\s:@]+:[^/\s@]+@"
)


def configure_logs(settings: Telemetry, service: str, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records through one pipeline to `stream`.

    `stream` is standard error if not given, since standard output belongs to commands.
    """
    out = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        add_trace,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    as_json = settings.log_format == "json"
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=out.isatty(),
            timestamp_key="time",
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    final: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        *([structlog.processors.EventRenamer("message")] if as_json else []),
        last,
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=final)
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for chatty in ("httpx", "httpcore", "urllib3", "aiohttp.access", "uvicorn.access", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service)


def add_trace(logger: Any, method: str, record: structlog.typing.EventDict) -> Any:
    """Name the current trace, so that a log line leads to it."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        record["trace_id"] = f"{context.trace_id:032x}"
        record["span_id"] = f"{context.span_id:016x}"
    return record


def redact(logger: Any, method: str, record: structlog.typing.EventDict) -> Any:
    """Hide what a key's name or a value's shape gives away as a secret."""
    record.pop("color_message", None)  # uvicorn says everything twice, once in colours
    return {key: hidden(key, value) for key, value in record.items()}


def hidden(key: str, value: Any) -> Any:
    if SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, str):
        return SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {str(k): hidden(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(key, item) for item in value]
    return value
