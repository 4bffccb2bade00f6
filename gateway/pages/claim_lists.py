"""Claim lists: a file is read, shown row by row, confirmed, and later published as one."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import OFFICES, may
from gateway.calls import claims
from gateway.jobs import template
from gateway.jobs.claim_list_file import KIND
from gateway.jobs.desk import get_job, start_job
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS, STAFF
from gateway.pages.paging import Pager
from services.contracts.base import invalid_field
from services.contracts.claims.errors import ClaimListNotFound

LIMIT = 20

blueprint = Blueprint("claim_lists", __name__)


@blueprint.get("/claim-lists")
@may(*OFFICES)
def list_claim_lists() -> str:
    page = claims.list_claim_lists(**wanted("cursor"), limit=LIMIT)
    return render_template("claim_lists/list.html", lists=page["items"], pager=Pager(page, LIMIT))


@blueprint.get("/claim-lists/template.xlsx")
@may(*STAFF)
def get_template() -> Response:
    return template.response()


@blueprint.get("/claim-lists/import")
@may(*STAFF)
def show_upload() -> str:
    return render_template("claim_lists/upload.html")


@blueprint.post("/claim-lists/import")
@may(*STAFF)
@shown_again_on(show_upload)
def upload_claim_list() -> Response:
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if sent is None or not content:
        raise invalid_field("file", "请选择一个有内容的 Excel 或 CSV 文件。")
    job_id = start_job(KIND, content, {"file_name": bare_name(sent.filename, "清单")})
    return redirect(url_for("claim_lists.preview_claim_list", job_id=job_id), 303)


@blueprint.get("/claim-lists/import/<uuid:job_id>")
@may(*STAFF)
def preview_claim_list(job_id: UUID) -> str:
    job = get_job(job_id)
    if not job.is_finished:
        return render_template("claim_lists/reading.html", job=job)
    if job.status == "failed" or not job.result or not job.result["rows"]:
        return render_template("claim_lists/upload.html", job=job)
    preview = claims.preview_claim_list(rows=job.result["rows"])
    return render_template("claim_lists/preview.html", job=job, read=job.result, preview=preview)


@blueprint.post("/claim-lists/import/<uuid:job_id>")
@may(*STAFF)
@shown_again_on(preview_claim_list)
def import_claim_list(job_id: UUID) -> Response:
    job = get_job(job_id)
    read: dict[str, Any] = job.result or {}
    imported = claims.import_claim_list(
        **filled("title"), file_name=job.meta["file_name"], file_hash=read["file_hash"], rows=read["rows"]
    )
    flash(f"已导入 {imported['item_count']} 项，均为草稿；党组织研究后即可发布。", "success")
    return redirect(url_for("claim_lists.get_claim_list", claim_list_id=imported["claim_list_id"]), 303)


@blueprint.get("/claim-lists/<uuid:claim_list_id>")
@may(*OFFICES)
def get_claim_list(claim_list_id: UUID) -> str:
    page = claims.list_items(claim_list_id=claim_list_id, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "claim_lists/claim_list.html",
        claim_list=_find(claim_list_id),
        items=page["items"],
        pager=Pager(page, LIMIT),
    )


@blueprint.post("/claim-lists/<uuid:claim_list_id>/publish_claim_list")
@may(*LEADERS)
@shown_again_on(get_claim_list)
def publish_claim_list(claim_list_id: UUID) -> Response:
    done = claims.publish_claim_list(
        claim_list_id=claim_list_id, **filled("party_study_on", "claim_until_on")
    )
    flash(f"已发布 {done['published']} 项，公示栏和订阅者将收到通知。", "success")
    return redirect(url_for("claim_lists.get_claim_list", claim_list_id=claim_list_id), 303)


@blueprint.post("/claim-lists/<uuid:claim_list_id>/undo_claim_list")
@may(*STAFF)
@shown_again_on(get_claim_list)
def undo_claim_list(claim_list_id: UUID) -> Response:
    claims.undo_claim_list(claim_list_id=claim_list_id, **filled("reason"))
    flash("导入已撤销；改正后的文件可以重新导入。", "success")
    return redirect(url_for("claim_lists.get_claim_list", claim_list_id=claim_list_id), 303)


def _find(claim_list_id: UUID) -> dict[str, Any]:
    cursor: str | None = None
    while True:
        page = claims.list_claim_lists(cursor=cursor, limit=200)
        for found in page["items"]:
            if found["claim_list_id"] == str(claim_list_id):
                listed: dict[str, Any] = found
                return listed
        cursor = page["next"]
        if not cursor:
            raise ClaimListNotFound("没有找到这份认领清单。")


def bare_name(sent: str | None, otherwise: str) -> str:
    """The file's name without any path and without what no name may hold."""
    name = (sent or "").replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in name if sign.isprintable())[-200:] or otherwise
