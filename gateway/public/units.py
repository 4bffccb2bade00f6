"""A unit applies to the alliance and follows its application, without an account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import public
from gateway.calls import claims
from gateway.pages.asking import communities
from gateway.pages.forms import chosen, filled, shown_again_on
from gateway.pages.units import APPLICATION
from services.contracts.base import NotFound

blueprint = Blueprint("public_units", __name__, url_prefix="/public/units")


@blueprint.get("/new")
@public
def new_application() -> str:
    return render_template("public/new_application.html", communities=communities())


@blueprint.post("/new")
@public
@shown_again_on(new_application)
def apply_unit() -> Response:
    applied = claims.apply_unit(**filled(*APPLICATION), **chosen("functions", "community_ids"))
    flash(f"已收到。查询号 {applied['reference']} 只显示这一次，请抄下或保存本页地址。", "success")
    return redirect(url_for("public_units.follow_application", reference=applied["reference"]), 303)


@blueprint.get("")
@public
def show_application_reference() -> str:
    return render_template("public/application_reference.html", typed="", message="")


@blueprint.post("")
@public
def open_application_reference() -> Response | tuple[str, int]:
    typed = request.form.get("reference", "").strip()[:40]
    plain = "".join(sign for sign in typed if sign.isalnum())
    if not plain:
        message = "请输入申请时得到的 12 位查询号。"
        return render_template("public/application_reference.html", typed=typed, message=message), 422
    return redirect(url_for("public_units.follow_application", reference=plain.upper()), 303)


@blueprint.get("/<string(maxlength=40):reference>")
@public
def follow_application(reference: str) -> str | tuple[str, int]:
    try:
        application = claims.follow_application(reference=reference)
    except NotFound as refusal:
        page = render_template("public/application_reference.html", typed=reference, message=refusal.message)
        return page, 404
    return render_template("public/application.html", application=application)
