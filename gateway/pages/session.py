"""Signing in, in one step or two, and signing out."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth import session
from gateway.auth.accounts import NewSession
from gateway.auth.errors import CodeRefused, CodeRequired, SignInExpired, SignInRefused, TooManyAttempts
from gateway.auth.policy import READERS, public
from gateway.errors import status_of
from gateway.limits import RouteClass, counts_as
from gateway.pages.frame import safe_address
from gateway.storage.users import User
from services.contracts.base import GongzhiError, Role

blueprint = Blueprint("session", __name__)


@blueprint.get("/signin")
@public
def show_sign_in() -> Response | str:
    if user := session.current_user():
        return redirect(_first_page(user), 303)
    return render_template("session/signin.html", next=request.args.get("next", ""))


@blueprint.post("/signin")
@counts_as(RouteClass.SIGN_IN)
@public
def sign_in() -> Response:
    wanted = safe_address(request.form.get("next", ""))
    try:
        opened = session.sign_in(request.form.get("username", ""), request.form.get("password", ""))
    except CodeRequired as halfway:
        response: Response = redirect(url_for("session.show_second_step", next=wanted or None), 303)
        session.set_half_session_cookie(response, halfway.user)
        return response
    except (SignInRefused, TooManyAttempts) as refusal:
        return _shown_again("session/signin.html", wanted, refusal)
    return welcome(opened, wanted)


@blueprint.get("/signin/code")
@public
def show_second_step() -> str:
    return render_template("session/second_step.html", next=request.args.get("next", ""))


@blueprint.post("/signin/code")
@counts_as(RouteClass.SIGN_IN)
@public
def take_second_step() -> Response:
    wanted = safe_address(request.form.get("next", ""))
    try:
        opened = session.finish_sign_in(request.form.get("code", ""))
    except (CodeRequired, CodeRefused, TooManyAttempts) as refusal:
        return _shown_again("session/second_step.html", wanted, refusal)
    except SignInExpired as refusal:
        return _shown_again("session/signin.html", wanted, refusal)
    return welcome(opened, wanted)


@blueprint.post("/signout")
@public
def sign_out() -> Response:
    farewell = session.farewell()
    session.sign_out()
    response: Response = redirect(url_for("session.show_sign_in"), 303)
    if farewell is not None:
        # Not a redirect: browsers let a form lead only where `form-action` allows, and that is here.
        response = make_response(render_template("session/farewell.html", farewell=farewell))
    session.clear_session_cookie(response)
    return response


def welcome(opened: NewSession, wanted: str) -> Response:
    response = redirect(wanted or _first_page(opened.user), 303)
    session.set_session_cookie(response, opened)
    session.clear_half_session_cookie(response)
    return response


def _shown_again(template: str, wanted: str, refusal: GongzhiError) -> Response:
    response = make_response(render_template(template, next=wanted, message=refusal.message))
    response.status_code = status_of(type(refusal))
    return response


def _first_page(user: User) -> str:
    if user.has_role(Role.UNIT_LIAISON):
        return url_for("items.list_items")
    if user.has_role(*READERS):
        return url_for("dashboard.get_dashboard")
    return url_for("account.show_account")
