"""The residents' roll, masked; and seeing one value whole, for a reason."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request

from gateway import personal
from gateway.auth.policy import may
from gateway.calls import Area, consultation, notifications
from gateway.pages.asking import communities
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.frame import LEADERS, OFFICES
from gateway.pages.paging import Pager

LIMIT = 20
WORDS = {"resident_name": "姓名", "identity_number": "身份证号码", "address": "地址"}

blueprint = Blueprint("residents", __name__)


@blueprint.get("/residents")
@may(*OFFICES)
def list_residents() -> str:
    return _roll(consultation.list_residents(**wanted("community_id", "cursor"), limit=LIMIT))


@blueprint.post("/residents/found")
@may(*OFFICES)
@shown_again_on(list_residents)
def find_residents() -> str:
    """What is searched for must not stand in an address, which browsers and proxies remember."""
    return _roll(consultation.list_residents(**filled("resident_name", "identity_number"), limit=LIMIT))


@blueprint.post("/residents/<uuid:record_id>/unmask")
@may(*LEADERS)
@shown_again_on(list_residents)
def unmask_resident(record_id: UUID) -> Response:
    return _answer_once(consultation, record_id, **filled("field", "reason"))


@blueprint.post("/subscriptions/<uuid:record_id>/unmask")
@may(*LEADERS)
@shown_again_on(list_residents)
def unmask_subscription(record_id: UUID) -> Response:
    return _answer_once(notifications, record_id, **filled("field", "reason"))


def _roll(page: dict[str, Any]) -> str:
    return render_template(
        "personal/residents.html",
        residents=page["items"],
        pager=Pager(page, LIMIT),
        communities=communities(),
        words=WORDS,
        is_search=request.method == "POST",
    )


def _answer_once(area: Area, record_id: UUID, field: str = "", reason: str = "") -> Response:
    """The answer to the form itself, without a redirect: no address may lead to it a second time."""
    value = personal.unmask(area, record_id=record_id, field=field, reason=reason)
    response = make_response(
        render_template("personal/unmasked.html", value=value, word=WORDS.get(field, field), reason=reason)
    )
    response.headers["Cache-Control"] = "no-store"
    return response
