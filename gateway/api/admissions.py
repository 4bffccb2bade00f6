"""The task gate: applications of departments, the three lists, send-backs, emergencies, seals."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, answer, body_of, if_match, page, record
from gateway.auth.policy import OFFICES, may
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("admissions", description="社区工作事项准入：申请、会商、三张清单、退回、应急、用印")

WATCHERS = (*OFFICES, Role.SUPERVISOR)
CITY = (Role.CITY_ADMIN, Role.CITY_OFFICER)
STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
LEADERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)


@blueprint.route("/admissions", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListAdmissions, location="query")
@blueprint.response(200, views.AdmissionPage)
def list_admissions(wanted: dict[str, Any]) -> Response:
    """准入申请列表，最新的在前"""
    return page(claims.list_admissions(**wanted))


@blueprint.route("/admissions", methods=["POST"])
@may(*CITY)
@blueprint.arguments(commands.ApplyAdmission)
@blueprint.response(201, views.AdmissionView)
def apply_admission(command: dict[str, Any]) -> Response:
    """代部门登记准入申请；清单内的事项按规则当即作出决定"""
    made = claims.apply_admission(**command)
    return record(made, 201, location=f"{PREFIX}/admissions/{made['admission_id']}")


@blueprint.route("/admissions/counts", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.CountAdmissions, location="query")
@blueprint.response(200, views.AdmissionCounts)
def count_admissions(wanted: dict[str, Any]) -> Response:
    """各状态的准入申请数"""
    return answer(claims.count_admissions(**wanted))


@blueprint.route("/admissions/<uuid:admission_id>", methods=["GET"])
@may(*WATCHERS)
@blueprint.response(200, views.AdmissionView)
def get_admission(admission_id: UUID) -> Response:
    """准入申请详情"""
    return record(claims.get_admission(admission_id=admission_id))


@blueprint.route("/admissions/<uuid:admission_id>/opinions", methods=["POST"])
@may(*CITY)
@blueprint.arguments(body_of(commands.RecordOpinion, "admission_id"))
@blueprint.response(201, views.AdmissionView)
def record_opinion(command: dict[str, Any], admission_id: UUID) -> Response:
    """登记一个单位的会商意见"""
    made = claims.record_opinion(admission_id=admission_id, **command)
    return record(made, 201, location=f"{PREFIX}/admissions/{admission_id}")


@blueprint.route("/admissions/<uuid:admission_id>/decision", methods=["POST"])
@may(Role.CITY_ADMIN)
@if_match()
@blueprint.arguments(body_of(commands.DecideAdmission, "admission_id"))
@blueprint.response(200, views.AdmissionView)
def decide_admission(command: dict[str, Any], admission_id: UUID, expected_version: int | None) -> Response:
    """会商决定：准入或不予准入"""
    return record(
        claims.decide_admission(admission_id=admission_id, expected_version=expected_version, **command)
    )


@blueprint.route("/admissions/<uuid:admission_id>/revocation", methods=["POST"])
@may(Role.CITY_ADMIN)
@if_match()
@blueprint.arguments(body_of(commands.RevokeAdmission, "admission_id"))
@blueprint.response(200, views.AdmissionView)
def revoke_admission(command: dict[str, Any], admission_id: UUID, expected_version: int | None) -> Response:
    """撤销准入"""
    return record(
        claims.revoke_admission(admission_id=admission_id, expected_version=expected_version, **command)
    )


@blueprint.route("/gate-entries", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListGateEntries, location="query")
@blueprint.response(200, views.GateEntryPage)
def list_gate_entries(wanted: dict[str, Any]) -> Response:
    """三张清单：依法履职、依法协助、负面"""
    return page(claims.list_gate_entries(**wanted))


@blueprint.route("/gate-entries", methods=["POST"])
@may(Role.CITY_ADMIN)
@blueprint.arguments(commands.AddGateEntry)
@blueprint.response(201, views.GateEntryView)
def add_gate_entry(command: dict[str, Any]) -> Response:
    """列入清单"""
    return record(claims.add_gate_entry(**command), 201, location=f"{PREFIX}/gate-entries")


@blueprint.route("/gate-entries/<uuid:entry_id>/end", methods=["POST"])
@may(Role.CITY_ADMIN)
@if_match()
@blueprint.arguments(body_of(commands.EndGateEntry, "entry_id"))
@blueprint.response(200, views.GateEntryView)
def end_gate_entry(command: dict[str, Any], entry_id: UUID, expected_version: int | None) -> Response:
    """清单条目失效"""
    return record(claims.end_gate_entry(entry_id=entry_id, expected_version=expected_version, **command))


@blueprint.route("/sent-back-tasks", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListSentBackTasks, location="query")
@blueprint.response(200, views.SentBackPage)
def list_sent_back_tasks(wanted: dict[str, Any]) -> Response:
    """未准入退回列表，最新的在前"""
    return page(claims.list_sent_back_tasks(**wanted))


@blueprint.route("/sent-back-tasks", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.SendBackTask)
@blueprint.response(201, views.SentBackView)
def send_back_task(command: dict[str, Any]) -> Response:
    """未准入—退回，生成退回单"""
    made = claims.send_back_task(**command)
    return record(made, 201, location=f"{PREFIX}/sent-back-tasks/{made['sent_back_id']}")


@blueprint.route("/sent-back-tasks/<uuid:sent_back_id>", methods=["GET"])
@may(*WATCHERS)
@blueprint.response(200, views.SentBackView)
def get_sent_back_task(sent_back_id: UUID) -> Response:
    """退回单"""
    return record(claims.get_sent_back_task(sent_back_id=sent_back_id))


@blueprint.route("/emergencies", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListEmergencies, location="query")
@blueprint.response(200, views.EmergencyPage)
def list_emergencies(wanted: dict[str, Any]) -> Response:
    """应急列表，最新的在前"""
    return page(claims.list_emergencies(**wanted))


@blueprint.route("/emergencies", methods=["POST"])
@may(*CITY)
@blueprint.arguments(commands.DeclareEmergency)
@blueprint.response(201, views.EmergencyView)
def declare_emergency(command: dict[str, Any]) -> Response:
    """宣布应急：免于准入，单独计数"""
    return record(claims.declare_emergency(**command), 201, location=f"{PREFIX}/emergencies")


@blueprint.route("/seal-requests", methods=["GET"])
@may(*WATCHERS)
@blueprint.arguments(commands.ListSealRequests, location="query")
@blueprint.response(200, views.SealPage)
def list_seal_requests(wanted: dict[str, Any]) -> Response:
    """用印申请列表，最新的在前"""
    return page(claims.list_seal_requests(**wanted))


@blueprint.route("/seal-requests", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(commands.RequestSeal)
@blueprint.response(201, views.SealView)
def request_seal(command: dict[str, Any]) -> Response:
    """登记用印申请；20 项不应出具的证明按规则当即不予出具"""
    return record(claims.request_seal(**command), 201, location=f"{PREFIX}/seal-requests")


@blueprint.route("/seal-requests/<uuid:seal_id>/decision", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.DecideSeal, "seal_id"))
@blueprint.response(200, views.SealView)
def decide_seal(command: dict[str, Any], seal_id: UUID, expected_version: int | None) -> Response:
    """审批用印申请"""
    return record(claims.decide_seal(seal_id=seal_id, expected_version=expected_version, **command))
