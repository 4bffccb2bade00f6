"""The short code from paper: typed here, it opens the same page as the personal link."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth.codes import token_of_code
from gateway.auth.errors import TooManyAttempts
from gateway.auth.policy import public
from gateway.errors import status_of
from services.contracts.base import Invalid, NotFound, Unavailable

blueprint = Blueprint("code", __name__)


@blueprint.get("/code")
@public
def show_code() -> str:
    return render_template("public/code.html", typed="", message="")


@blueprint.post("/code")
@public
def open_code() -> Response:
    typed = request.form.get("code", "")[:40]
    try:
        token = token_of_code(typed)
    except (Invalid, NotFound, TooManyAttempts, Unavailable) as refusal:
        message = refusal.message if typed.strip() else "请输入纸上的 8 位答题码。"
        page = make_response(render_template("public/code.html", typed=typed, message=message))
        page.status_code = status_of(type(refusal))
        if isinstance(refusal, TooManyAttempts):
            page.headers["Retry-After"] = str(refusal.retry_after)
        return page
    return redirect(url_for("ballot.open_invitation", token=token), 303)
