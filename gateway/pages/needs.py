"""Residents' needs (居民需求): the list, one need with its outcome, writing one down, and files of them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import OFFICES, may
from gateway.calls import claims
from gateway.jobs import template
from gateway.jobs.desk import get_job, start_job
from gateway.jobs.needs_file import KIND
from gateway.pages.asking import communities, my_communities
from gateway.pages.claim_lists import bare_name
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.frame import STAFF
from gateway.pages.paging import Pager
from services.contracts.base import Role, invalid_field

LIMIT = 12
SEEING = (*OFFICES, Role.SUPERVISOR)

blueprint = Blueprint("needs", __name__)


@blueprint.get("/needs")
@may(*SEEING)
def list_needs() -> str:
    narrowed = wanted("q", "community_id", "category", "service_class", "source", "priority")
    page = claims.list_needs(**narrowed, **wanted("status", "is_overdue", "cursor"), limit=LIMIT)
    return render_template(
        "needs/list.html",
        needs=page["items"],
        pager=Pager(page, LIMIT),
        counts=claims.count_needs(**narrowed),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/needs/new")
@may(*STAFF)
def new_need() -> str:
    return render_template("needs/new.html", communities=my_communities())


@blueprint.post("/needs/new")
@may(*STAFF)
@shown_again_on(new_need)
def register_need() -> Response:
    taken = claims.register_need(**filled("community_id", "title", "description", "place", "category"))
    flash(
        f"需求 {taken['code']} 已登记。查询号 {taken['reference']} 只显示这一次，请告诉反映人。",
        "success",
    )
    return redirect(url_for("needs.get_need", need_id=taken["need_id"]), 303)


@blueprint.get("/needs/<uuid:need_id>")
@may(*SEEING)
def get_need(need_id: UUID) -> str:
    return render_template(
        "needs/need.html", need=claims.get_need(need_id=need_id), act=request.args.get("act", "")
    )


@blueprint.get("/needs/template.xlsx")
@may(*STAFF)
def get_needs_template() -> Response:
    return template.needs_response()


@blueprint.get("/needs/import")
@may(*STAFF)
def show_needs_upload() -> str:
    return render_template("needs/upload.html")


@blueprint.post("/needs/import")
@may(*STAFF)
@shown_again_on(show_needs_upload)
def upload_needs() -> Response:
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if sent is None or not content:
        raise invalid_field("file", "请选择一个有内容的 Excel 或 CSV 文件。")
    job_id = start_job(KIND, content, {"file_name": bare_name(sent.filename, "需求")})
    return redirect(url_for("needs.preview_needs", job_id=job_id), 303)


@blueprint.get("/needs/import/<uuid:job_id>")
@may(*STAFF)
def preview_needs(job_id: UUID) -> str:
    job = get_job(job_id)
    if not job.is_finished:
        return render_template("needs/reading.html", job=job)
    if job.status == "failed" or not job.result or not job.result["rows"]:
        return render_template("needs/upload.html", job=job)
    preview = claims.preview_needs(rows=job.result["rows"])
    return render_template("needs/preview.html", job=job, read=job.result, preview=preview)


@blueprint.post("/needs/import/<uuid:job_id>")
@may(*STAFF)
@shown_again_on(preview_needs)
def import_needs(job_id: UUID) -> Response:
    job = get_job(job_id)
    read: dict[str, Any] = job.result or {}
    imported = claims.import_needs(
        file_name=job.meta["file_name"], file_hash=read["file_hash"], rows=read["rows"]
    )
    known = f"，{imported['known']} 件工单已登记过" if imported["known"] else ""
    flash(f"已导入 {imported['imported']} 件需求{known}，请尽快分办。", "success")
    return redirect(url_for("needs.list_needs", status="received"), 303)
