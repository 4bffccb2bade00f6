"""Jobs: work that goes on beside a request, what it made, and calling it off."""

from pathlib import PurePath
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from gateway.api.doors import PREFIX, Blueprint, answer, query_of, without_body
from gateway.auth.policy import OFFICES, may, signed_in
from gateway.first_answers import answered_once
from gateway.jobs import agreement_template, desk, template
from gateway.jobs.export import start_items_export
from gateway.jobs.outcome import JobStatus
from gateway.limits import RouteClass, counts_as
from gateway.storage.jobs import Job
from services.contracts.base import Role, View
from services.contracts.claims import commands

blueprint = Blueprint("jobs", description="后台任务：进度、结果与取消；文件和结果保留 7 天")

BYTES = {"type": "string", "format": "binary"}


class JobView(View):
    """`file_name` is there once the job has made a file, `error` once it has failed."""

    job_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(list(JobStatus)))
    progress = fields.Integer(required=True)
    error = fields.String(allow_none=True)
    file_name = fields.String(allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class JobList(View):
    items = fields.List(fields.Nested(JobView))


@blueprint.route("/jobs", methods=["GET"])
@signed_in
@blueprint.response(200, JobList)
def list_jobs() -> Response:
    """自己最近的任务"""
    return answer({"items": [_shown(job) for job in desk.list_jobs()]})


@blueprint.route("/jobs/<uuid:job_id>", methods=["GET"])
@signed_in
@blueprint.response(200, JobView)
def get_job(job_id: UUID) -> Response:
    """任务进度"""
    job = desk.get_job(job_id)
    response = answer(_shown(job))
    if not job.is_finished:
        response.headers["Retry-After"] = "1"
    return response


@blueprint.route("/jobs/<uuid:job_id>/file", methods=["GET"])
@signed_in
@blueprint.doc(
    responses={
        "200": {
            "description": "OK",
            "content": {mime: {"schema": BYTES} for mime in (template.MIME, agreement_template.MIME)},
        }
    }
)
def get_job_file(job_id: UUID) -> Response:
    """下载任务生成的文件"""
    made = desk.file_of_job(job_id)
    response = Response(made.content, content_type=made.mime)
    disposition = (
        f"attachment; filename=file{PurePath(made.name).suffix}; filename*=UTF-8''{quote(made.name)}"
    )
    response.headers["Content-Disposition"] = disposition
    return response


@blueprint.route("/jobs/<uuid:job_id>/cancellation", methods=["POST"])
@signed_in
@answered_once
@without_body
@blueprint.response(200, JobView)
def cancel_job(job_id: UUID) -> Response:
    """取消任务"""
    return answer(_shown(desk.cancel_job(job_id)))


@blueprint.route("/items/exports", methods=["POST"])
@counts_as(RouteClass.EXPORT)
@may(*OFFICES, Role.UNIT_LIAISON)
@answered_once
@without_body
@blueprint.arguments(query_of(commands.ListItems, "cursor", "limit"), location="query")
@blueprint.response(202, JobView, description="到 Location 查看进度，完成后下载")
def start_export(narrowed: dict[str, Any]) -> Response:
    """导出事项为 Excel，条件与列表相同"""
    job = desk.get_job(start_items_export(narrowed))
    return answer(_shown(job), 202, location=f"{PREFIX}/jobs/{job.job_id}")


def _shown(job: Job) -> dict[str, Any]:
    shown: dict[str, Any] = JobView().dump(job)
    return shown
