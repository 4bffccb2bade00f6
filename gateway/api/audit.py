"""The audit, for auditors: all chains as one, and how each of them stands."""

from typing import Any

from flask import Response

from gateway import audit
from gateway.api.doors import Blueprint, answer, page
from gateway.auth.policy import may
from services.contracts.audit import AuditPage, AuditStateList, ListAudit
from services.contracts.base import Role

blueprint = Blueprint("audit", description="审计日志")


@blueprint.route("/audit", methods=["GET"])
@may(Role.AUDITOR)
@blueprint.arguments(ListAudit, location="query")
@blueprint.response(200, AuditPage)
def list_audit(wanted: dict[str, Any]) -> Response:
    """审计记录，新的在前"""
    return page(audit.list_audit(wanted))


@blueprint.route("/audit/chains", methods=["GET"])
@may(Role.AUDITOR)
@blueprint.response(200, AuditStateList)
def get_audit_state() -> Response:
    """各条链的长度、最近签名和链尾核对结果"""
    return answer(audit.get_audit_state())
