"""Signing in with another system: leaving, coming back, linking the account, and what that system tells us."""

import secrets
from datetime import timedelta
from typing import Any, cast

import flask
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway import audit
from gateway.auth import session
from gateway.auth.errors import CodeRequired, SignInRefused
from gateway.auth.policy import public, signed_in
from gateway.auth.sso.driver import ExternalIdentity, SignOnRefused
from gateway.auth.sso.sign_on import Arrival, Opening, link
from gateway.errors import MalformedBody, status_of
from gateway.limits import RouteClass, counts_as
from gateway.pages.frame import safe_address
from gateway.pages.session import welcome
from services.chassis.clock import utc_now
from services.contracts.base import Forbidden, Unavailable

blueprint = Blueprint("sso", __name__)

# From coming back unknown to having signed in here once.
LINKING_LASTS = timedelta(minutes=10)
_BROWSER, _UNLINKED = "sso_browser", "sso_unlinked"


@blueprint.get("/sso/<provider>/start")
@counts_as(RouteClass.SIGN_IN)
@public
def start_sign_on(provider: str) -> Any:
    # The form cookie is signed and this browser's alone; another browser cannot finish what this one began.
    browser = flask.session.setdefault(_BROWSER, secrets.token_urlsafe(32))
    try:
        address = session.single_sign_on().start(
            provider, browser=browser, wanted=safe_address(request.args.get("next", ""))
        )
    except Unavailable as refusal:
        return _sign_in_page(refusal)
    return redirect(address, 303)


@blueprint.get("/sso/<provider>/return")
@counts_as(RouteClass.SIGN_IN)
@public
def finish_sign_on(provider: str) -> Any:
    browser = str(flask.session.get(_BROWSER, ""))
    try:
        arrival = session.single_sign_on().finish(provider, browser=browser, answer=request.args.to_dict())
        if arrival.username is None:
            return _to_linking(arrival.identity)
        return _signed_in(arrival, arrival.username)
    except (SignInRefused, Unavailable) as refusal:
        return _sign_in_page(refusal)


@blueprint.get("/sso/<provider>/link")
@public
def show_link(provider: str) -> Any:
    """Public, because whoever comes here has yet to say who he is here."""
    found = session.single_sign_on().provider(provider)
    return render_template("session/link.html", provider=found, unlinked=_unlinked(provider))


@blueprint.post("/sso/<provider>/link")
@signed_in
def link_identity(provider: str) -> Any:
    unlinked = _unlinked(provider)
    user = session.current_user()
    if unlinked is None or user is None:
        raise Forbidden("等待的时间太长了，请重新登录后再绑定。")
    with current_app.extensions["database"].together() as tx:
        link(current_app.extensions["database"], provider=provider, subject=unlinked["subject"], user=user)
        connection = tx.session.connection()
        audit.note("link_identity", record_id=user.user_id, reason=provider, connection=connection)
    flask.session.pop(_UNLINKED, None)
    flash(f"已绑定，今后可以用“{session.single_sign_on().provider(provider).label}”登录。", "success")
    return redirect(url_for("account.show_account"), 303)


# Under /api, where cookies do not count and no form token is asked for: a program speaks here.
@blueprint.post("/api/sso/<provider>/logout")
@counts_as(RouteClass.SIGN_IN)
@public
def end_sign_on(provider: str) -> Response:
    """OpenID Connect back-channel logout, and the single logout of CAS."""
    try:
        session.single_sign_on().end_sessions(provider, request.form.to_dict())
    except SignOnRefused:
        # Both standards want 400, not 401.
        raise MalformedBody("退出通知无法验证。") from None
    return Response(status=200, headers={"Cache-Control": "no-store"})


@blueprint.app_context_processor
def ways_in() -> dict[str, Any]:
    return {"sign_on_providers": session.single_sign_on().providers()}


def _signed_in(arrival: Arrival, username: str) -> Response:
    opening = Opening.of(arrival.identity)
    try:
        opened = session.open_session_for(username, opening)
    except CodeRequired as halfway:
        response = redirect(url_for("session.show_second_step", next=arrival.wanted or None), 303)
        session.await_code_of(response, halfway.user, opening)
        return response
    return welcome(opened, arrival.wanted)


def _to_linking(identity: ExternalIdentity) -> Response:
    flask.session[_UNLINKED] = {
        "provider": identity.provider,
        "subject": identity.subject,
        "name": identity.display_name,
        "until": int((utc_now() + LINKING_LASTS).timestamp()),
    }
    return redirect(url_for("sso.show_link", provider=identity.provider), 303)


def _unlinked(provider: str) -> dict[str, Any] | None:
    """Who came back unknown in this browser lately."""
    found = flask.session.get(_UNLINKED)
    if found is None or found["provider"] != provider or found["until"] < utc_now().timestamp():
        return None
    return cast("dict[str, Any]", found)


def _sign_in_page(refusal: SignInRefused | Unavailable) -> tuple[str, int]:
    page = render_template("session/signin.html", next="", message=refusal.message)
    return page, status_of(type(refusal))
