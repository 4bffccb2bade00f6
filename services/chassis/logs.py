"""Structured logs: one JSON line an event, with the trace and never with personal data.

Two nets: a line carries only values under the names of `ALLOWED`, and in every text what looks like a
person's number or address is starred out.
"""

import logging
import re
import sys
from typing import Any

import structlog

from services.chassis import tracing

_QUIET = ("amqp", "kombu", "nameko", "werkzeug", "urllib3", "sqlalchemy.engine", "eventlet")

# A name that is missing here keeps its place in the line and loses its value; a test compares it with the code.
ALLOWED = frozenset(
    """
    event level ts process trace_id request_id exception stack exc_info logger
    address at chain count error event_id event_name failed_count handler hands hash job_id kept key_id kind
    method outcome path provider purpose reason returncode root seconds service size status stderr threads
    timer type until
    """.split()  # noqa: SIM905  a list of forty quoted names is no easier to read
)
WITHHELD = "(withheld)"
# PostgreSQL repeats the part of the statement that it could not make sense of, values and all.
_QUOTED_BY_DATABASE = re.compile(r"(?m)^(LINE \d+|DETAIL|CONTEXT):.*$")
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z-])(?:"
    r"[1-9]\d{16}[0-9Xx]"  # identity number
    r"|(?:86)?1[3-9]\d{9}"  # mobile phone
    r")(?![0-9A-Za-z-])"
    r"|[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*\.[A-Za-z]{2,}"  # mailbox
)


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
                without_personal_data,
                structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_personal_data(_logger: Any, _method: str, line: Any) -> Any:
    return {name: scrubbed(value) if name in ALLOWED else WITHHELD for name, value in line.items()}


def scrubbed(value: Any) -> Any:
    """The value with everything starred out that looks like a person's number or mailbox."""
    if isinstance(value, str):
        return _PERSONAL.sub("***", _QUOTED_BY_DATABASE.sub(r"\1: ***", value))
    if isinstance(value, dict):
        return {name: scrubbed(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(part) for part in value]
    return value


def _trace(_logger: Any, _method: str, line: Any) -> Any:
    if header := tracing.traceparent.get():
        line.setdefault("trace_id", tracing.trace_id(header))
    if request := tracing.request_id.get():
        line.setdefault("request_id", request)
    return line


def get_logger(name: str) -> Any:
    return structlog.get_logger(name)
