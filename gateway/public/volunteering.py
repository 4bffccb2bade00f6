"""Volunteering without an account: where hands are wanted, signing in by QR code, checking a certificate."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from gateway.auth.codes import guarded
from gateway.auth.errors import TooManyAttempts
from gateway.auth.policy import public
from gateway.calls import claims
from gateway.errors import status_of
from gateway.pages.asking import communities
from gateway.pages.forms import filled, wanted
from gateway.pages.paging import Pager
from services.contracts.base import Conflict, GongzhiError, Invalid, NotFound, Unavailable
from services.contracts.claims.errors import ShiftNotFound, SignInTokenInvalid

LIMIT = 20

blueprint = Blueprint("volunteering", __name__)


@blueprint.get("/public/shifts")
@public
def list_open_shifts() -> str:
    narrowed = wanted("community_id")
    page = claims.list_open_shifts(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "public/shifts.html", shifts=page["items"], pager=Pager(page, LIMIT), communities=communities()
    )


@blueprint.get("/volunteer-sign-in/<string(maxlength=300):token>")
@public
def open_sign_in(token: str) -> Response:
    try:
        shift = claims.open_sign_in(token=token)
    except (SignInTokenInvalid, ShiftNotFound) as refusal:
        return _page("public/sign_in_invalid.html", refusal)
    return make_response(render_template("public/sign_in.html", shift=shift, token=token, message=""))


@blueprint.post("/volunteer-sign-in/<string(maxlength=300):token>")
@public
def sign_by_token(token: str) -> Response:
    """The receipt stands on the page that answers: signing is over, and there is nothing to go back to."""
    try:
        signed = guarded(
            "volunteer", lambda: claims.sign_by_token(token=token, **filled("volunteer_code", "signing"))
        )
    except (SignInTokenInvalid, ShiftNotFound) as refusal:
        return _page("public/sign_in_invalid.html", refusal)
    except (Invalid, NotFound, Conflict, TooManyAttempts, Unavailable) as refusal:
        return _page("public/sign_in.html", refusal, shift=claims.open_sign_in(token=token), token=token)
    return make_response(render_template("public/signed.html", signed=signed, token=token))


@blueprint.get("/service-certificates/check")
@public
def check_service_certificate() -> Response:
    number = request.args.get("number", "")[:40].strip()
    if not number:
        return make_response(
            render_template("public/certificate.html", certificate=None, typed="", message="")
        )
    try:
        found = guarded("certificate", lambda: claims.check_service_certificate(number=number))
    except (Invalid, NotFound, TooManyAttempts, Unavailable) as refusal:
        return _page("public/certificate.html", refusal, certificate=None, typed=number)
    shown = render_template("public/certificate.html", certificate=found, typed=number, message="")
    return make_response(shown)


def _page(template: str, refusal: GongzhiError, **values: object) -> Response:
    page = make_response(render_template(template, message=refusal.message, **values))
    page.status_code = status_of(type(refusal))
    if isinstance(refusal, TooManyAttempts):
        page.headers["Retry-After"] = str(refusal.retry_after)
    return page
