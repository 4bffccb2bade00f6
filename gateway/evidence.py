"""Evidence on its way: from whoever hands it in through the jobs process to the storage, and back to readers.

Its bytes pass no broker and stay in no database; claims knows what each file is and who may see it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, current_app

from gateway.calls import claims
from gateway.files.storage import Files
from gateway.jobs.desk import FileUnreadable, result_of, start_job, wait_for_job
from gateway.jobs.evidence_file import KIND, thumbnail_key
from gateway.storage import files
from services.chassis.db import Database
from services.contracts.base import Conflict, Forbidden, Invalid, NotFound

# A file never changes under its id; only whoever may see it now keeps it, and for as long as a page is looked at.
CACHE = "private, max-age=600"


@contextmanager
def kept(content: bytes, file_name: str) -> Iterator[dict[str, Any]]:
    """What claims has to know of the file, which is kept while the block attaches it; free again if it is refused.

    Sent again under the same key it is the same file. Raises `FileUnreadable`.
    """
    file_id = start_job(KIND, content, {"file_name": file_name})
    file = result_of(wait_for_job(file_id))
    with _database().transaction() as tx:
        if not files.mark_attached(tx.session, file_id):
            raise FileUnreadable("文件已过期，请重新上传。")
    try:
        yield {"evidence_id": file_id, **file}
    except (Conflict, Forbidden, Invalid, NotFound):
        free(file_id)
        raise


def free(file_id: UUID) -> None:
    """Nothing refers to it any more; it goes a day later."""
    with _database().transaction() as tx:
        files.mark_free(tx.session, file_id)


def file_response(item_id: UUID, claim_id: UUID, evidence_id: UUID, *, is_small: bool) -> Response:
    """Pictures are shown, documents are downloaded; raises `NotFound` for whoever may not see it."""
    view = claims.get_evidence(item_id=item_id, claim_id=claim_id, evidence_id=evidence_id)
    stored: Files = current_app.extensions["files"]
    if is_small:
        response = Response(stored.get(thumbnail_key(evidence_id)), content_type="image/jpeg")
    else:
        response = Response(stored.get(str(evidence_id)), content_type=view["media_type"])
        response.headers["Content-Disposition"] = _disposition(view)
    response.headers["Cache-Control"] = CACHE
    return response


def _disposition(view: Mapping[str, Any]) -> str:
    how = "inline" if view["media_type"].startswith("image/") else "attachment"
    return f"{how}; filename*=UTF-8''{quote(view['file_name'])}"


def _database() -> Database:
    database: Database = current_app.extensions["database"]
    return database
