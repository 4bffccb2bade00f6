"""Structured logs: one JSON line an event, with the trace and never with personal data."""

import logging
import sys
from typing import Any

import structlog

from services.chassis import tracing

_QUIET = ("amqp", "kombu", "nameko", "werkzeug", "urllib3", "sqlalchemy.engine", "eventlet")


def configure(*, process: str, level: str = "info") -> None:
    """Our own lines and those of libraries leave through the same renderer."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _trace,
        lambda _logger, _method, line: {"process": process, **line},
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _trace(_logger: Any, _method: str, line: Any) -> Any:
    if header := tracing.traceparent.get():
        line.setdefault("trace_id", tracing.trace_id(header))
    if request := tracing.request_id.get():
        line.setdefault("request_id", request)
    return line


def get_logger(name: str) -> Any:
    return structlog.get_logger(name)
