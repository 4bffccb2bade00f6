"""Answering a poll behind a personal link: the question, five buttons, thanks."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import public
from gateway.calls import consultation
from gateway.pages.forms import filled, shown_again_on
from services.contracts.base import NotFound
from services.contracts.consultation.errors import LinkInvalid

blueprint = Blueprint("ballot", __name__)


@blueprint.get("/polls/answer/<string(maxlength=300):token>")
@public
def open_invitation(token: str) -> str | tuple[str, int]:
    try:
        ballot = consultation.open_invitation(token=token)
    except (LinkInvalid, NotFound) as refusal:
        return render_template("public/ballot_invalid.html", message=refusal.message), 404
    return render_template("public/ballot.html", ballot=ballot, token=token)


@blueprint.post("/polls/answer/<string(maxlength=300):token>")
@public
@shown_again_on(open_invitation)
def answer_poll(token: str) -> Response:
    consultation.answer_poll(token=token, **filled("satisfaction"))
    return redirect(url_for("ballot.thank", token=token), 303)


@blueprint.get("/polls/answer/<string(maxlength=300):token>/thanks")
@public
def thank(token: str) -> str:
    return render_template("public/ballot_thanks.html", ballot=consultation.open_invitation(token=token))
