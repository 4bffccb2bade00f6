"""Photos and documents that show the work: cleaned in the child, kept outside the database by the worker."""

import hashlib
from pathlib import PurePath
from typing import Any
from uuid import UUID

from gateway.files.cleaning import clean
from gateway.files.storage import Files
from gateway.jobs.outcome import MadeFile, Outcome, Report

KIND = "evidence"


def read(content: bytes, meta: dict[str, Any], report: Report) -> MadeFile:
    """The name stays as it was sent, but its ending is made to fit what the file really is."""
    cleaned = clean(content)
    stem = PurePath(str(meta["file_name"])).stem[:180] or "材料"
    return MadeFile(
        name=stem + cleaned.suffix,
        mime=cleaned.media_type,
        content=cleaned.content,
        thumbnail=cleaned.thumbnail,
    )


def thumbnail_key(file_id: UUID) -> str:
    return f"{file_id}.thumbnail"


def keep(files: Files, file_id: UUID, made: MadeFile) -> Outcome:
    """Its bytes go to the storage; what they are is the job's result."""
    if made.thumbnail:
        files.put(thumbnail_key(file_id), made.thumbnail)
    files.put(str(file_id), made.content)
    return Outcome(
        result={
            "file_name": made.name,
            "media_type": made.mime,
            "size": len(made.content),
            "sha256": hashlib.sha256(made.content).hexdigest(),
        }
    )


def remove(files: Files, file_id: UUID) -> None:
    for key in (thumbnail_key(file_id), str(file_id)):
        files.delete(key)
