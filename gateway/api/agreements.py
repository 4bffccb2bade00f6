"""Joint-building agreements as Word, written beside the request."""

from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, without_body
from gateway.api.jobs import JobView
from gateway.auth.policy import OFFICES, may
from gateway.first_answers import answered_once
from gateway.jobs import desk
from gateway.jobs.agreement_start import start_claim_agreement, start_membership_agreement
from gateway.limits import RouteClass, counts_as
from services.contracts.base import Role

blueprint = Blueprint("agreements", description="共驻共建协议书（Word）")

PARTIES = (*OFFICES, Role.UNIT_LIAISON)


@blueprint.route("/items/<uuid:item_id>/claims/<uuid:claim_id>/agreement", methods=["POST"])
@counts_as(RouteClass.EXPORT)
@may(*PARTIES)
@answered_once
@without_body
@blueprint.response(202, JobView, description="到 Location 查看进度，完成后下载")
def get_claim_agreement(item_id: UUID, claim_id: UUID) -> Response:
    """生成一项认领的协议书；社区确认认领之后才可以"""
    return _started(start_claim_agreement(item_id, claim_id))


@blueprint.route("/units/<uuid:unit_id>/agreement", methods=["POST"])
@counts_as(RouteClass.EXPORT)
@may(*PARTIES)
@answered_once
@without_body
@blueprint.response(202, JobView, description="到 Location 查看进度，完成后下载")
def get_membership_agreement(unit_id: UUID) -> Response:
    """生成单位加入联盟的协议书"""
    return _started(start_membership_agreement(unit_id))


def _started(job_id: UUID) -> Response:
    job = desk.get_job(job_id)
    return answer(JobView().dump(job), 202, location=f"{PREFIX}/jobs/{job.job_id}")
