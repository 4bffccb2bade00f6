"""Claim lists: reading a file, seeing what it would change, importing, publishing.

A file is read by the jobs process. A preview is therefore asked for twice: POST hands the file in
and answers where to look, GET answers 202 until the file is read and then shows every row.
"""

from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import fields, validate

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, json_body, page
from gateway.api.keys import keyless
from gateway.api.uploads import BYTES_SENT, MULTIPART, refuse_fields, sent_file
from gateway.auth.policy import OFFICES, may, signed_in
from gateway.calls import claims
from gateway.errors import UnsupportedMediaType
from gateway.jobs import template
from gateway.jobs.claim_list_file import KIND
from gateway.jobs.desk import get_job, result_of, start_job, wait_for_job
from services.contracts.base import Role, Schema, View, text
from services.contracts.claims import commands, views

blueprint = Blueprint("claim_lists", description="认领清单：导入与发布")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
_FILE = {
    "type": "object",
    "properties": {"file": BYTES_SENT},
    "required": ["file"],
    "additionalProperties": False,
}


class ListTitle(Schema):
    title = text(most=100)


class FileRead(View):
    """What was found in the file besides its rows; columns by their Chinese names."""

    title = fields.String()
    file_name = fields.String()
    file_hash = fields.String()
    sheet = fields.String()
    header_row = fields.Integer()
    unknown_columns = fields.List(fields.String())
    missing_columns = fields.List(fields.String())


class PreviewJob(View):
    """`preview` and `file` are there once `status` is done."""

    preview_id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["waiting", "running", "done"]))
    progress = fields.Integer(required=True)
    file = fields.Nested(FileRead)
    preview = fields.Nested(views.PreviewView)


@blueprint.route("/claim-lists", methods=["GET"])
@may(*OFFICES)
@blueprint.arguments(commands.ListClaimLists, location="query")
@blueprint.response(200, views.ClaimListPage)
def list_claim_lists(wanted: dict[str, Any]) -> Response:
    """已导入的清单"""
    return page(claims.list_claim_lists(**wanted))


@blueprint.route("/claim-lists/previews", methods=["POST"])
@keyless
@may(*STAFF)
@blueprint.response(202, PreviewJob, description="文件已收下，到 Location 查看结果")
@blueprint.alt_response(200, schema=views.PreviewView, success=True, description="JSON 行的预览")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            MULTIPART: {"schema": _FILE},
            "application/json": {"schema": commands.PreviewClaimList},
        },
    }
)
def preview_claim_list() -> Response:
    """预览清单：上传文件，或直接给出 JSON 行"""
    if request.mimetype != MULTIPART:
        return answer(claims.preview_claim_list(**commands.PreviewClaimList().load(_json())))
    content, file_name = sent_file("清单")
    refuse_fields(set(request.form))
    job_id = start_job(KIND, content, {"file_name": file_name})
    place = f"{PREFIX}/claim-lists/previews/{job_id}"
    return answer({"preview_id": str(job_id), "status": "waiting", "progress": 0}, 202, location=place)


@blueprint.route("/claim-lists/previews/<uuid:preview_id>", methods=["GET"])
@may(*STAFF)
@blueprint.response(200, PreviewJob)
@blueprint.alt_response(202, schema=PreviewJob, success=True, description="文件还在读取")
def get_claim_list_preview(preview_id: UUID) -> Response:
    """查看预览结果"""
    job = get_job(preview_id)
    shown: dict[str, Any] = {"preview_id": str(preview_id), "status": job.status, "progress": job.progress}
    if not job.is_finished:
        response = answer(shown, 202)
        response.headers["Retry-After"] = "1"
        return response
    read = result_of(job)
    shown["file"] = {name: value for name, value in read.items() if name != "rows"}
    shown["preview"] = claims.preview_claim_list(rows=read["rows"])
    return answer(shown)


@blueprint.route("/claim-lists", methods=["POST"])
@may(*STAFF)
@blueprint.response(201, views.ClaimListView)
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    **_FILE,
                    "properties": {
                        **_FILE["properties"],  # type: ignore[dict-item]
                        "title": {"type": "string", "minLength": 1, "maxLength": 100},
                    },
                    "required": ["file", "title"],
                }
            },
            "application/json": {"schema": commands.ImportClaimList},
        },
    }
)
def import_claim_list() -> Response:
    """导入清单：一行有错则整份不导入；同一文件只能导入一次"""
    if request.mimetype != MULTIPART:
        imported = claims.import_claim_list(**commands.ImportClaimList().load(_json()))
    else:
        title = ListTitle().load(request.form.to_dict())["title"]
        content, file_name = sent_file("清单")
        read = result_of(wait_for_job(start_job(KIND, content, {"file_name": file_name})))
        imported = claims.import_claim_list(
            title=title, file_name=file_name, file_hash=read["file_hash"], rows=read["rows"]
        )
    return answer(imported, 201)


@blueprint.route("/claim-lists/<uuid:claim_list_id>/publication", methods=["POST"])
@may(Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)
@blueprint.arguments(body_of(commands.PublishClaimList, "claim_list_id"))
@blueprint.response(200, views.PublishedView)
def publish_claim_list(command: dict[str, Any], claim_list_id: UUID) -> Response:
    """发布清单中的全部草稿"""
    return answer(claims.publish_claim_list(claim_list_id=claim_list_id, **command))


@blueprint.route("/claim-lists/<uuid:claim_list_id>/undoing", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.UndoClaimList, "claim_list_id"))
@blueprint.response(200, views.ClaimListView)
def undo_claim_list(command: dict[str, Any], claim_list_id: UUID) -> Response:
    """整批撤销导入：新增的草稿删除，改过的草稿恢复；有事项已变动则不能撤销"""
    return answer(claims.undo_claim_list(claim_list_id=claim_list_id, **command))


@blueprint.route("/claim-lists/template.xlsx", methods=["GET"])
@signed_in
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=template.MIME)
def get_claim_list_template() -> Response:
    """下载清单模板"""
    return template.response()


def _json() -> Any:
    if request.content_length and not request.is_json:
        raise UnsupportedMediaType("请以 multipart/form-data 上传文件，或以 application/json 提交行。")
    return json_body()
