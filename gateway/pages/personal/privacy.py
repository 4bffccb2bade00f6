"""What anybody may read and ask about personal data, without an account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway import personal
from gateway.auth.policy import public
from gateway.calls import notifications
from gateway.first_answers import answered_once
from gateway.pages.admin.asking import database
from gateway.pages.forms import filled, shown_again_on
from gateway.storage import personal_requests as storage
from gateway.storage.personal_requests import Person, RequestKind
from services.chassis.clock import local_today, utc_now
from services.contracts.privacy import PRIVACY_TEXTS, current_text

blueprint = Blueprint("privacy", __name__, url_prefix="/privacy")


@blueprint.get("")
@public
def show_privacy() -> str:
    """A version that a consent names, or the one in force."""
    wanted = request.args.get("version")
    text = next((one for one in PRIVACY_TEXTS if one.version == wanted), current_text(local_today()))
    return render_template("personal/privacy.html", text=text)


@blueprint.get("/requests/new")
@public
def new_personal_request() -> str:
    return render_template(
        "personal/new_request.html", kinds=[(str(kind), kind.label) for kind in RequestKind]
    )


@blueprint.post("/requests/new")
@public
@shown_again_on(new_personal_request)
@answered_once
def submit_personal_request() -> Response:
    given = filled("resident_name", "identity_number", "email", "phone", "wish")
    person = Person(
        resident_name=given.get("resident_name", ""),
        identity_number=given.get("identity_number", "").upper(),
        email=given.get("email", "").lower(),
        phone=given.get("phone", ""),
        wish=given.get("wish", ""),
    )
    kind = filled("kind").get("kind", "")
    added = personal.submit_request(database(), kind=kind, person=person, now=utc_now())
    flash("申请已收到，请记下查询号。", "success")
    return redirect(url_for("privacy.follow_personal_request", reference=added.reference), 303)


@blueprint.get("/requests/<string(length=12):reference>")
@public
def follow_personal_request(reference: str) -> str:
    """The state and the answer, and nothing of the person: who has the reference need not be who asked."""
    with database().reading() as tx:
        asked = storage.request_of_reference(tx.session, reference.upper())
    return render_template("personal/follow_request.html", asked=asked)


@blueprint.get("/consents/<string(maxlength=100):token>")
@public
def show_consent(token: str) -> str:
    return render_template(
        "personal/consent.html", consent=notifications.show_consent(token=token), token=token
    )


@blueprint.post("/consents/<string(maxlength=100):token>")
@public
@shown_again_on(show_consent)
def withdraw_consent(token: str) -> Response:
    """A form, not the link itself: programs that look into letters follow links."""
    notifications.withdraw_consent(token=token)
    flash("已退订，不会再给您发送通知，电子邮箱已清除。", "success")
    return redirect(url_for("privacy.show_consent", token=token), 303)
