"""Joint-building agreements as Word, and the template they are written from."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.auth.passwords import off_the_loop
from gateway.auth.policy import OFFICES, may
from gateway.jobs import agreement_template, desk
from gateway.jobs.agreement_start import (
    adopt_template,
    start_claim_agreement,
    start_membership_agreement,
    start_template_check,
    template_in_force,
)
from gateway.limits import RouteClass, counts_as
from gateway.pages.claim_lists import bare_name
from gateway.pages.forms import shown_again_on
from services.contracts.base import Role, invalid_field
from services.contracts.claims.agreement_terms import PLACEHOLDERS

PARTIES = (*OFFICES, Role.UNIT_LIAISON)
PLATFORMS_OWN = "共驻共建协议书模板.docx"

blueprint = Blueprint("agreements", __name__)


@blueprint.post("/items/<uuid:item_id>/claims/<uuid:claim_id>/agreement")
@counts_as(RouteClass.EXPORT)
@may(*PARTIES)
def get_claim_agreement(item_id: UUID, claim_id: UUID) -> AnyResponse:
    return redirect(url_for("jobs.get_job", job_id=start_claim_agreement(item_id, claim_id)), 303)


@blueprint.post("/units/<uuid:unit_id>/agreement")
@counts_as(RouteClass.EXPORT)
@may(*PARTIES)
def get_membership_agreement(unit_id: UUID) -> AnyResponse:
    return redirect(url_for("jobs.get_job", job_id=start_membership_agreement(unit_id)), 303)


@blueprint.get("/agreement-template")
@may(Role.CITY_ADMIN)
def show_agreement_template() -> str:
    return render_template(
        "agreements/template.html", kept=template_in_force(), placeholders=PLACEHOLDERS, job=None
    )


@blueprint.get("/agreement-template/file")
@may(Role.CITY_ADMIN)
def get_agreement_template() -> Response:
    """The one in force, to be changed in Word and brought back."""
    kept = template_in_force()
    content = kept.content if kept else off_the_loop(agreement_template.build)
    response = Response(content, content_type=agreement_template.MIME)
    name = quote(kept.file_name if kept else PLATFORMS_OWN)
    response.headers["Content-Disposition"] = f"attachment; filename=template.docx; filename*=UTF-8''{name}"
    return response


@blueprint.post("/agreement-template")
@may(Role.CITY_ADMIN)
@shown_again_on(show_agreement_template)
def upload_agreement_template() -> AnyResponse:
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if sent is None or not content:
        raise invalid_field("file", "请选择一个 Word 文档（.docx）。")
    job_id = start_template_check(content, bare_name(sent.filename, "协议书模板.docx"))
    return redirect(url_for("agreements.show_template_check", job_id=job_id), 303)


@blueprint.get("/agreement-template/<uuid:job_id>")
@may(Role.CITY_ADMIN)
def show_template_check(job_id: UUID) -> str:
    return render_template(
        "agreements/template.html",
        kept=template_in_force(),
        placeholders=PLACEHOLDERS,
        job=desk.get_job(job_id),
    )


@blueprint.post("/agreement-template/<uuid:job_id>")
@may(Role.CITY_ADMIN)
@shown_again_on(show_template_check)
def adopt_agreement_template(job_id: UUID) -> AnyResponse:
    flash(f"已采用 {adopt_template(job_id)}，以后的协议书按它生成。", "success")
    return redirect(url_for("agreements.show_agreement_template"), 303)
