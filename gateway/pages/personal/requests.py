"""Requests of persons about their data, in front of those who answer them."""

from datetime import date
from uuid import UUID

import orjson
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import personal
from gateway.auth.policy import may
from gateway.first_answers import answered_once
from gateway.pages.admin.asking import database
from gateway.pages.forms import filled, shown_again_on
from gateway.pages.paging import Pager
from gateway.storage import personal_requests as storage
from gateway.storage.personal_requests import PersonalRequest, RequestStatus
from services.chassis.clock import local_date, utc_now
from services.chassis.paging import decode_cursor, encode_cursor
from services.contracts.base import Role, invalid_field

LIMIT = 20
# What a correction looks for, when it is not what the person says: fields of the form -> of `PersonAsked`.
KEPT = {"kept_name": "resident_name", "kept_number": "identity_number", "kept_email": "email"}

blueprint = Blueprint("personal_requests", __name__, url_prefix="/personal-requests")


@blueprint.get("")
@may(Role.CITY_ADMIN)
def list_personal_requests() -> str:
    is_open = request.args.get("status", "open") == "open"
    after = decode_cursor(request.args.get("cursor"), date, UUID)
    with database().reading() as tx:
        found = storage.list_requests(
            tx.session, is_open=is_open, after=(after[0], after[1]) if after else None, limit=LIMIT + 1
        )
    shown = found[:LIMIT]
    following = encode_cursor(shown[-1].due_on, shown[-1].request_id) if len(found) > LIMIT else None
    return render_template(
        "personal/requests.html",
        requests=shown,
        pager=Pager({"items": shown, "next": following}, LIMIT),
        is_open=is_open,
        today=local_date(utc_now()),
    )


@blueprint.get("/<uuid:request_id>")
@may(Role.CITY_ADMIN)
def get_personal_request(request_id: UUID) -> str:
    return render_template("personal/request.html", asked=_request(request_id), records=None)


@blueprint.post("/<uuid:request_id>/gather")
@may(Role.CITY_ADMIN)
@shown_again_on(get_personal_request)
def gather_personal(request_id: UUID) -> Response:
    """Shown in the answer to the form itself, so that no address leads to it."""
    asked = _verified(request_id)
    records = personal.gather(
        asked,
        reason=filled("reason").get("reason", ""),
        kept={KEPT[name]: value for name, value in filled(*KEPT).items()},
    )
    return _private(make_response(render_template("personal/request.html", asked=asked, records=records)))


@blueprint.post("/<uuid:request_id>/export")
@may(Role.CITY_ADMIN)
@shown_again_on(get_personal_request)
def export_personal(request_id: UUID) -> Response:
    asked = _verified(request_id)
    records = personal.gather(asked, reason=filled("reason").get("reason", ""))
    document = orjson.dumps(personal.exported(asked, records), option=orjson.OPT_INDENT_2)
    response = Response(document, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{asked.reference}.json"'
    return _private(response)


@blueprint.post("/<uuid:request_id>/correct")
@may(Role.CITY_ADMIN)
@shown_again_on(get_personal_request)
def correct_personal(request_id: UUID) -> AnyResponse:
    given = filled("service", "field", "value")
    personal.correct(
        _verified(request_id),
        service=given.get("service", ""),
        record_id=_record_id(),
        field=given.get("field", ""),
        value=given.get("value", ""),
    )
    flash("已更正。全部更正后请答复申请人。", "success")
    return redirect(url_for(".get_personal_request", request_id=request_id), 303)


@blueprint.post("/<uuid:request_id>/erase")
@may(Role.CITY_ADMIN)
@shown_again_on(get_personal_request)
def erase_personal(request_id: UUID) -> AnyResponse:
    personal.erase(database(), _verified(request_id), now=utc_now())
    flash("已执行删除并答复申请人。", "success")
    return redirect(url_for(".get_personal_request", request_id=request_id), 303)


@blueprint.post("/<uuid:request_id>/decide")
@may(Role.CITY_ADMIN)
@shown_again_on(get_personal_request)
@answered_once
def decide_personal_request(request_id: UUID) -> AnyResponse:
    given = filled("status", "answer")
    if given.get("status") not in (RequestStatus.DONE, RequestStatus.REFUSED):
        raise invalid_field("status", "请选择办理结果。")
    status = RequestStatus[given["status"].upper()]
    personal.decide(database(), request_id, status=status, answer=given.get("answer", ""), now=utc_now())
    flash("已答复，申请人可凭查询号查看。", "success")
    return redirect(url_for(".get_personal_request", request_id=request_id), 303)


def _request(request_id: UUID) -> PersonalRequest:
    with database().reading() as tx:
        return storage.get_request(tx.session, request_id)


def _record_id() -> UUID:
    try:
        return UUID(request.form.get("record_id", ""))
    except ValueError:
        raise invalid_field("record_id", "没有这条记录。") from None


def _verified(request_id: UUID) -> PersonalRequest:
    """A person's data may be given to, or removed for, nobody else (PIPL, article 50)."""
    if request.form.get("is_verified") != "yes":
        raise invalid_field("is_verified", "请先核验申请人身份，并勾选确认。")
    return _request(request_id)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
