"""Funds: money in, money kept, money out, and the ledger of all of it; balances and payments are public."""

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.doors import (
    PREFIX,
    Blueprint,
    answer,
    body_of,
    if_match,
    page,
    query_of,
    record,
    without_body,
)
from gateway.auth.policy import FUND_READERS, READERS, may, public
from gateway.calls import claims
from gateway.limits import RouteClass, counts_as
from services.contracts.base import Role
from services.contracts.claims import commands, views

blueprint = Blueprint("funds", description="社区资金：收入、专项预留、付款审批、账目与公开")

STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
LEADERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)


@blueprint.route("/funds", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.ListFunds, location="query")
@blueprint.response(200, views.FundPage)
def list_funds(wanted: dict[str, Any]) -> Response:
    """资金列表"""
    return page(claims.list_funds(**wanted))


@blueprint.route("/funds", methods=["POST"])
@may(*LEADERS)
@blueprint.arguments(commands.OpenFund)
@blueprint.response(201, views.FundView)
def open_fund(command: dict[str, Any]) -> Response:
    """设立资金"""
    fund = claims.open_fund(**command)
    return record(fund, 201, location=_place(fund["fund_id"]))


@blueprint.route("/funds/sums", methods=["GET"])
@may(*READERS)
@blueprint.arguments(commands.CountFunds, location="query")
@blueprint.response(200, views.FundSums)
def count_funds(wanted: dict[str, Any]) -> Response:
    """各来源资金合计"""
    return answer(claims.count_funds(**wanted))


@blueprint.route("/funds/<uuid:fund_id>", methods=["GET"])
@may(*FUND_READERS)
@blueprint.response(200, views.FundView)
def get_fund(fund_id: UUID) -> Response:
    """资金详情"""
    return record(claims.get_fund(fund_id=fund_id))


@blueprint.route("/funds/<uuid:fund_id>/closure", methods=["POST"])
@may(*LEADERS)
@if_match()
@without_body
@blueprint.response(200, views.FundView)
def close_fund(fund_id: UUID, expected_version: int | None) -> Response:
    """关闭资金（须无余额）"""
    return record(claims.close_fund(fund_id=fund_id, expected_version=expected_version))


@blueprint.route("/funds/<uuid:fund_id>/consents", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.RecordConsent, "fund_id"))
@blueprint.response(201, views.FundView)
def record_consent(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """登记出资方同意书"""
    fund = claims.record_consent(fund_id=fund_id, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/funds/<uuid:fund_id>/purpose", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.ChangePurpose, "fund_id"))
@blueprint.response(200, views.FundView)
def change_purpose(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """变更用途（捐赠须经捐赠人同意）"""
    return record(claims.change_purpose(fund_id=fund_id, expected_version=expected_version, **command))


@blueprint.route("/funds/<uuid:fund_id>/receipts", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ReceiveMoney, "fund_id"))
@blueprint.response(201, views.FundView)
def receive_money(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """登记收入"""
    fund = claims.receive_money(fund_id=fund_id, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/funds/<uuid:fund_id>/returns", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.ReturnMoney, "fund_id"))
@blueprint.response(201, views.FundView)
def return_money(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """退还来款"""
    fund = claims.return_money(fund_id=fund_id, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/funds/<uuid:fund_id>/earmarks", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.EarmarkMoney, "fund_id"))
@blueprint.response(201, views.FundView)
def earmark_money(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """为事项预留资金"""
    fund = claims.earmark_money(fund_id=fund_id, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/funds/<uuid:fund_id>/earmark-releases", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ReleaseEarmark, "fund_id"))
@blueprint.response(201, views.FundView)
def release_earmark(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """解除预留"""
    fund = claims.release_earmark(fund_id=fund_id, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/funds/<uuid:fund_id>/payments", methods=["GET"])
@may(*FUND_READERS)
@blueprint.arguments(query_of(commands.ListPayments, "fund_id"), location="query")
@blueprint.response(200, views.PaymentPage)
def list_payments(wanted: dict[str, Any], fund_id: UUID) -> Response:
    """付款列表"""
    return page(claims.list_payments(fund_id=fund_id, **wanted))


@blueprint.route("/funds/<uuid:fund_id>/payments", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.ProposePayment, "fund_id"))
@blueprint.response(201, views.FundView)
def propose_payment(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """申请付款"""
    fund = claims.propose_payment(fund_id=fund_id, expected_version=expected_version, **command)
    return record(fund, 201, location=f"{_place(fund_id)}/payments")


@blueprint.route("/funds/<uuid:fund_id>/payments/<uuid:payment_id>/approval", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.ApprovePayment, "fund_id", "payment_id"), required=False)
@blueprint.response(200, views.FundView)
def approve_payment(
    command: dict[str, Any], fund_id: UUID, payment_id: UUID, expected_version: int | None
) -> Response:
    """批准付款（须由申请人以外的人）"""
    ids = {"fund_id": fund_id, "payment_id": payment_id}
    return record(claims.approve_payment(**ids, expected_version=expected_version, **command))


@blueprint.route("/funds/<uuid:fund_id>/payments/<uuid:payment_id>/rejection", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.RejectPayment, "fund_id", "payment_id"))
@blueprint.response(200, views.FundView)
def reject_payment(
    command: dict[str, Any], fund_id: UUID, payment_id: UUID, expected_version: int | None
) -> Response:
    """驳回付款，或申请人撤回"""
    ids = {"fund_id": fund_id, "payment_id": payment_id}
    return record(claims.reject_payment(**ids, expected_version=expected_version, **command))


@blueprint.route("/funds/<uuid:fund_id>/payments/<uuid:payment_id>/refunds", methods=["POST"])
@may(*STAFF)
@if_match()
@blueprint.arguments(body_of(commands.RefundPayment, "fund_id", "payment_id"))
@blueprint.response(201, views.FundView)
def refund_payment(
    command: dict[str, Any], fund_id: UUID, payment_id: UUID, expected_version: int | None
) -> Response:
    """登记付款退回"""
    ids = {"fund_id": fund_id, "payment_id": payment_id}
    fund = claims.refund_payment(**ids, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/funds/<uuid:fund_id>/postings", methods=["GET"])
@may(*FUND_READERS)
@blueprint.arguments(query_of(commands.ListPostings, "fund_id"), location="query")
@blueprint.response(200, views.PostingPage)
def list_postings(wanted: dict[str, Any], fund_id: UUID) -> Response:
    """账目（分录与逐笔余额）"""
    return page(claims.list_postings(fund_id=fund_id, **wanted))


@blueprint.route("/funds/<uuid:fund_id>/postings/sheet", methods=["GET"])
@counts_as(RouteClass.EXPORT)
@may(*FUND_READERS)
@blueprint.arguments(query_of(commands.ExportPostings, "fund_id"), location="query")
@blueprint.response(200, views.LedgerSheetPage)
def export_postings(wanted: dict[str, Any], fund_id: UUID) -> Response:
    """账目，按表格的列"""
    return page(claims.export_postings(fund_id=fund_id, **wanted))


@blueprint.route("/funds/<uuid:fund_id>/postings/<uuid:posting_id>/reversal", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.ReversePosting, "fund_id", "posting_id"))
@blueprint.response(201, views.FundView)
def reverse_posting(
    command: dict[str, Any], fund_id: UUID, posting_id: UUID, expected_version: int | None
) -> Response:
    """冲正一条分录"""
    ids = {"fund_id": fund_id, "posting_id": posting_id}
    fund = claims.reverse_posting(**ids, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/funds/<uuid:fund_id>/months", methods=["POST"])
@may(*LEADERS)
@if_match()
@blueprint.arguments(body_of(commands.CloseMonth, "fund_id"))
@blueprint.response(201, views.FundView)
def close_month(command: dict[str, Any], fund_id: UUID, expected_version: int | None) -> Response:
    """月结"""
    fund = claims.close_month(fund_id=fund_id, expected_version=expected_version, **command)
    return record(fund, 201, location=_place(fund_id))


@blueprint.route("/public/funds", methods=["GET"])
@public
@blueprint.arguments(commands.ListFunds, location="query")
@blueprint.response(200, views.FundPage)
def list_public_funds(wanted: dict[str, Any]) -> Response:
    """公开的资金账目（无需登录）"""
    return page(claims.list_funds(**wanted))


@blueprint.route("/public/funds/<uuid:fund_id>", methods=["GET"])
@public
@blueprint.response(200, views.PublicFundView)
def get_public_fund(fund_id: UUID) -> Response:
    """一笔资金的公开账目（无需登录）"""
    return record(claims.get_public_fund(fund_id=fund_id))


@blueprint.route("/public/funds/<uuid:fund_id>/payments", methods=["GET"])
@public
@blueprint.arguments(query_of(commands.ListPublicPayments, "fund_id"), location="query")
@blueprint.response(200, views.PublicPaymentPage)
def list_public_payments(wanted: dict[str, Any], fund_id: UUID) -> Response:
    """一笔资金已支付的款项（无需登录）"""
    return page(claims.list_public_payments(fund_id=fund_id, **wanted))


def _place(fund_id: Any) -> str:
    return f"{PREFIX}/funds/{fund_id}"
