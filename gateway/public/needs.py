"""Telling a need and following it, without an account: whoever has the reference sees the steps."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import public
from gateway.calls import claims
from gateway.pages.asking import communities
from gateway.pages.forms import filled, shown_again_on
from services.contracts.base import NotFound

blueprint = Blueprint("public_needs", __name__, url_prefix="/public/needs")


@blueprint.get("/new")
@public
def new_need() -> str:
    return render_template("public/new_need.html", communities=communities())


@blueprint.post("/new")
@public
@shown_again_on(new_need)
def submit_need() -> Response:
    taken = claims.submit_need(**filled("community_id", "title", "description", "place", "category"))
    flash(f"已收到。查询号 {taken['reference']} 只显示这一次，请抄下或保存本页地址。", "success")
    return redirect(url_for("public_needs.follow_need", reference=taken["reference"]), 303)


@blueprint.get("")
@public
def show_reference() -> str:
    return render_template("public/need_reference.html", typed="", message="")


@blueprint.post("")
@public
def open_reference() -> Response | tuple[str, int]:
    typed = request.form.get("reference", "").strip()[:40]
    plain = "".join(sign for sign in typed if sign.isalnum())
    if not plain:
        message = "请输入登记时得到的 12 位查询号。"
        return render_template("public/need_reference.html", typed=typed, message=message), 422
    return redirect(url_for("public_needs.follow_need", reference=plain.upper()), 303)


@blueprint.get("/<string(maxlength=40):reference>")
@public
def follow_need(reference: str) -> str | tuple[str, int]:
    try:
        need = claims.follow_need(reference=reference)
    except NotFound as refusal:
        page = render_template("public/need_reference.html", typed=reference, message=refusal.message)
        return page, 404
    return render_template("public/need.html", need=need)
