"""Purchases of services, from plan to the last payment, and what everybody may know of their contracts."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import PREFIX, Blueprint, body_of, if_match, page, record, without_body
from gateway.auth.policy import PURCHASE_READERS, may, public
from gateway.calls import claims
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("purchases", description="政府购买服务：立项、承接方、合同、履约、验收与付款")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
LEADERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)
UNITS = (*STAFF, Role.UNIT_LIAISON)


@blueprint.route("/purchases", methods=["GET"])
@may(*PURCHASE_READERS)
@blueprint.arguments(commands.ListPurchases, location="query")
@blueprint.response(200, views.PurchasePage)
def list_purchases(wanted: dict[str, Any]) -> Response:
    """采购列表"""
    return page(claims.list_purchases(**wanted))


@blueprint.route("/purchases", methods=["POST"])
@may(*LEADERS)
@blueprint.arguments(commands.PlanPurchase)
@blueprint.response(201, views.PurchaseView)
@blueprint.alt_response(404, "NOT_FOUND")
def plan_purchase(command: dict[str, Any]) -> Response:
    """为事项立项购买服务（须先有专项预留）"""
    return _made(claims.plan_purchase(**command))


@blueprint.route("/purchases/<uuid:purchase_id>", methods=["GET"])
@may(*PURCHASE_READERS)
@blueprint.response(200, views.PurchaseView)
def get_purchase(purchase_id: UUID) -> Response:
    """采购详情"""
    return record(claims.get_purchase(purchase_id=purchase_id))


@blueprint.route("/purchases/<uuid:purchase_id>/offers", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.RecordOffer, "purchase_id"))
@blueprint.response(201, views.PurchaseView)
@blueprint.alt_response(404, "NOT_FOUND")
def record_offer(command: dict[str, Any], purchase_id: UUID, expected_version: int | None) -> Response:
    """登记一家的报价和评分"""
    return _made(claims.record_offer(purchase_id=purchase_id, expected_version=expected_version, **command))


@blueprint.route("/purchases/<uuid:purchase_id>/choice", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.ChooseSupplier, "purchase_id"))
@blueprint.response(200, views.PurchaseView)
@blueprint.alt_response(404, "NOT_FOUND")
def choose_supplier(command: dict[str, Any], purchase_id: UUID, expected_version: int | None) -> Response:
    """确定承接方"""
    return record(
        claims.choose_supplier(purchase_id=purchase_id, expected_version=expected_version, **command)
    )


@blueprint.route("/purchases/<uuid:purchase_id>/contract", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.SignContract, "purchase_id"))
@blueprint.response(201, views.PurchaseView)
def sign_contract(command: dict[str, Any], purchase_id: UUID, expected_version: int | None) -> Response:
    """签订合同：金额、期限、分期和尾款"""
    return _made(claims.sign_contract(purchase_id=purchase_id, expected_version=expected_version, **command))


@blueprint.route("/purchases/<uuid:purchase_id>/milestone-reports", methods=["POST"])
@may(*UNITS)
@blueprint.arguments(body_of(commands.ReportPurchaseMilestone, "purchase_id"))
@blueprint.response(200, views.PurchaseView)
@blueprint.alt_response(404, "NOT_FOUND")
def report_purchase_milestone(command: dict[str, Any], purchase_id: UUID) -> Response:
    """报告一个履约节点"""
    return record(claims.report_purchase_milestone(purchase_id=purchase_id, **command))


@blueprint.route("/purchases/<uuid:purchase_id>/milestone-checks", methods=["POST"])
@may(*STAFF)
@blueprint.arguments(body_of(commands.CheckPurchaseMilestone, "purchase_id"))
@blueprint.response(200, views.PurchaseView)
@blueprint.alt_response(404, "NOT_FOUND")
def check_purchase_milestone(command: dict[str, Any], purchase_id: UUID) -> Response:
    """核查一个履约节点：通过或退回"""
    return record(claims.check_purchase_milestone(purchase_id=purchase_id, **command))


@blueprint.route("/purchases/<uuid:purchase_id>/acceptance", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.AcceptPurchase, "purchase_id"), required=False)
@blueprint.response(200, views.PurchaseView)
def accept_purchase(command: dict[str, Any], purchase_id: UUID, expected_version: int | None) -> Response:
    """验收，随后进行考核和民意测验"""
    return record(
        claims.accept_purchase(purchase_id=purchase_id, expected_version=expected_version, **command)
    )


@blueprint.route("/purchases/<uuid:purchase_id>/payments", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.PayInstalment, "purchase_id"))
@blueprint.response(201, views.PurchaseView)
@blueprint.alt_response(404, "NOT_FOUND")
def pay_instalment(command: dict[str, Any], purchase_id: UUID, expected_version: int | None) -> Response:
    """申请支付一期，由另一人在资金中批准"""
    return _made(claims.pay_instalment(purchase_id=purchase_id, expected_version=expected_version, **command))


@blueprint.route("/purchases/<uuid:purchase_id>/closure", methods=["POST"])
@may(*LEADERS)
@if_match()
@without_body
@blueprint.response(200, views.PurchaseView)
def close_purchase(purchase_id: UUID, expected_version: int | None) -> Response:
    """结清（款项须全部支付）"""
    return record(claims.close_purchase(purchase_id=purchase_id, expected_version=expected_version))


@blueprint.route("/purchases/<uuid:purchase_id>/termination", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.TerminatePurchase, "purchase_id"))
@blueprint.response(200, views.PurchaseView)
def terminate_purchase(command: dict[str, Any], purchase_id: UUID, expected_version: int | None) -> Response:
    """终止采购并说明原因"""
    return record(
        claims.terminate_purchase(purchase_id=purchase_id, expected_version=expected_version, **command)
    )


@blueprint.route("/public/contracts", methods=["GET"])
@public
@blueprint.arguments(commands.ListContracts, location="query")
@blueprint.response(200, views.ContractPage)
def list_contracts(wanted: dict[str, Any]) -> Response:
    """公开的购买服务合同（无需登录）"""
    return page(claims.list_contracts(**wanted))


def _made(purchase: dict[str, Any]) -> Response:
    return record(purchase, 201, location=f"{PREFIX}/purchases/{purchase['purchase_id']}")
