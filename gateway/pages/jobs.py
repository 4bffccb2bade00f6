"""Work that goes on beside the pages: how far it is, what it made, and calling it off."""

from pathlib import PurePath
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import OFFICES, may, signed_in
from gateway.jobs import desk
from gateway.jobs.export import start_items_export
from gateway.limits import RouteClass, counts_as
from gateway.pages.forms import wanted
from services.contracts.base import Role

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/jobs")
@signed_in
def list_jobs() -> str:
    return render_template("jobs/list.html", jobs=desk.list_jobs())


@blueprint.get("/jobs/<uuid:job_id>")
@signed_in
def get_job(job_id: UUID) -> str:
    return render_template("jobs/job.html", job=desk.get_job(job_id))


@blueprint.get("/jobs/<uuid:job_id>/file")
@signed_in
def get_file(job_id: UUID) -> Response:
    made = desk.file_of_job(job_id)
    response = Response(made.content, content_type=made.mime)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=file{PurePath(made.name).suffix}; filename*=UTF-8''{quote(made.name)}"
    )
    return response


@blueprint.post("/jobs/<uuid:job_id>/cancel")
@signed_in
def cancel_job(job_id: UUID) -> Response:
    desk.cancel_job(job_id)
    flash("已取消。", "success")
    return redirect(url_for("jobs.get_job", job_id=job_id), 303)


@blueprint.post("/items/export")
@counts_as(RouteClass.EXPORT)
@may(*OFFICES, Role.UNIT_LIAISON)
def export_items() -> Response:
    """The items that the list shows, narrowed as it is, as an Excel file."""
    job_id = start_items_export(
        wanted(
            "q", "community_id", "category", "service_class", "unit_id", "claim_list_id",
            "due_from_on", "due_to_on", "period", "figure", "status", "is_overdue",
        )
    )  # fmt: skip
    return redirect(url_for("jobs.get_job", job_id=job_id), 303)
