"""Signing in and out, and what the platform knows of the person signed in."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth import session
from gateway.auth.errors import SignInRefused, TooManyAttempts
from gateway.auth.policy import READERS, public, signed_in
from gateway.calls import claims, staffing
from gateway.errors import status_of
from gateway.pages.frame import safe_address
from gateway.storage.users import User
from services.contracts.base import Role

blueprint = Blueprint("session", __name__)


@blueprint.get("/signin")
@public
def show_sign_in() -> Response | str:
    if user := session.current_user():
        return redirect(_first_page(user), 303)
    return render_template("session/signin.html", next=request.args.get("next", ""))


@blueprint.post("/signin")
@public
def sign_in() -> Response | tuple[str, int]:
    wanted = safe_address(request.form.get("next", ""))
    try:
        opened = session.sign_in(request.form.get("username", ""), request.form.get("password", ""))
    except (SignInRefused, TooManyAttempts) as refusal:
        page = render_template("session/signin.html", next=wanted, message=refusal.message)
        return page, status_of(type(refusal))
    response = redirect(wanted or _first_page(opened.user), 303)
    session.set_session_cookie(response, opened)
    return response


@blueprint.post("/signout")
@public
def sign_out() -> Response:
    session.sign_out()
    response = redirect(url_for("session.show_sign_in"), 303)
    session.clear_session_cookie(response)
    return response


@blueprint.get("/account")
@signed_in
def show_account() -> str:
    opened = session.current_session()
    user = session.current_user()
    communities = staffing.list_communities()["items"]
    unit = claims.get_unit(unit_id=user.unit_id) if user and user.unit_id else None
    return render_template("session/account.html", opened=opened, communities=communities, unit=unit)


def _first_page(user: User) -> str:
    if user.has_role(Role.UNIT_LIAISON):
        return url_for("items.list_items")
    if user.has_role(*READERS):
        return url_for("dashboard.get_dashboard")
    return url_for("session.show_account")
