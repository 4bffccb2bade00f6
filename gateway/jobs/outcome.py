"""What a job tells while it runs, and what it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.contracts.base import Term

# Takes the progress in percent.
Report = Callable[[int], None]


class JobStatus(Term):
    WAITING = "waiting", "排队中"
    RUNNING = "running", "处理中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    CANCELLED = "cancelled", "已取消"


class FileRefused(Exception):
    """One Chinese sentence for the person who handed the work in; trying again would not help."""


@dataclass(frozen=True, kw_only=True)
class MadeFile:
    """A file to be fetched; `mime` is its media type, `thumbnail` a JPEG if it is a picture."""

    name: str
    mime: str
    content: bytes = field(repr=False)
    thumbnail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Either a result, a file, or why there is neither."""

    result: dict[str, Any] | None = None
    file: MadeFile | None = None
    error: str | None = None
