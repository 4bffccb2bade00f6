"""Starting to write an agreement, and keeping the template that a city brought for it."""

from typing import Any
from uuid import UUID

from flask import current_app

from gateway.auth.session import current_actor
from gateway.calls import claims
from gateway.jobs import agreement, desk
from gateway.jobs.desk import FileUnreadable
from gateway.storage import templates
from gateway.storage.templates import DocumentTemplate
from services.chassis.clock import utc_now
from services.chassis.db import Database

TEMPLATE = "agreement"


def start_claim_agreement(item_id: UUID, claim_id: UUID) -> UUID:
    """The words are read as the one who asks may see them."""
    words = claims.get_claim_agreement(item_id=item_id, claim_id=claim_id)
    return _start(words, f"共驻共建协议书-{words['item_code']}-{words['unit_name']}.docx")


def start_membership_agreement(unit_id: UUID) -> UUID:
    words = claims.get_membership_agreement(unit_id=unit_id)
    return _start(words, f"共驻共建协议书-{words['unit_name']}.docx")


def start_template_check(content: bytes, file_name: str) -> UUID:
    return desk.start_job(agreement.CHECK_KIND, content, {"file_name": file_name})


def template_in_force() -> DocumentTemplate | None:
    """None: the platform's own."""
    with _database().reading() as tx:
        return templates.find_in_force(tx.session, TEMPLATE)


def adopt_template(job_id: UUID) -> str:
    """The template that this job found good, for all agreements from now on; its name."""
    job = desk.get_job(job_id)
    if job.kind != agreement.CHECK_KIND:
        raise FileUnreadable("这项任务不是模板检查。")
    checked = desk.file_of_job(job_id)
    with _database().transaction() as tx:
        templates.adopt(
            tx.session,
            template_id=job_id,
            kind=TEMPLATE,
            file_name=checked.name,
            content=checked.content,
            adopted_by=current_actor().name,
            now=utc_now(),
        )
    return checked.name


def _start(words: dict[str, Any], file_name: str) -> UUID:
    kept = template_in_force()
    meta = {"file_name": file_name.replace("/", "／"), "values": words}
    return desk.start_job(agreement.KIND, kept.content if kept else b"", meta)


def _database() -> Database:
    database: Database = current_app.extensions["database"]
    return database
