"""Inviting the contact of a unit, and the public page behind the link where he opens his account."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gateway.auth import invitations
from gateway.auth.invitations import InvitationInvalid
from gateway.auth.policy import may, public
from gateway.auth.session import current_actor
from gateway.calls import claims
from gateway.first_answers import answered_once
from gateway.pages.admin.asking import database, my_id, settings
from gateway.pages.asking import public_address
from gateway.pages.forms import filled, shown_again_on
from gateway.pages.frame import STAFF
from gateway.storage import invitations as storage
from gateway.storage import people
from services.chassis.clock import utc_now
from services.contracts.base import Forbidden, invalid_field

MOST = 50

blueprint = Blueprint("admin_invitations", __name__)


@blueprint.get("/units/<uuid:unit_id>/invitations")
@may(*STAFF)
def list_unit_invitations(unit_id: UUID) -> str:
    unit = _own_unit(unit_id)
    with database().reading() as tx:
        found = storage.invitations_of(tx.session, unit_id, most=MOST)
        names = people.names(tx.session, {one.invited_by for one in found})
    now = utc_now()
    shown = [
        {
            "invitation_id": one.invitation_id,
            "contact_name": one.contact_name,
            "invited_by": names.get(one.invited_by, "--"),
            "expires_at": one.expires_at.isoformat(),
            "is_open": one.is_open(now=now),
            "state": "已接受" if one.accepted_at else "等待接受" if one.is_open(now=now) else "已失效",
        }
        for one in found
    ]
    return render_template("admin/invitations.html", unit=unit, invitations=shown)


@blueprint.post("/units/<uuid:unit_id>/invitations")
@may(*STAFF)
@shown_again_on(list_unit_invitations)
@answered_once
def invite_liaison(unit_id: UUID) -> str:
    """The link is in this answer and its sealed copy; sending the browser on would have to keep it open."""
    unit = _own_unit(unit_id)
    token = invitations.invite_liaison(
        database(),
        unit_id=unit_id,
        unit_name=unit["unit_name"],
        contact_name=filled("contact_name").get("contact_name", ""),
        invited_by=my_id(),
    )
    public_url = current_app.extensions["settings"].public_url
    address = public_address("admin_invitations.show_invitation", public_url, token=token)
    return render_template("admin/invited.html", unit=unit, address=address)


@blueprint.post("/units/<uuid:unit_id>/invitations/<uuid:invitation_id>/withdraw_invitation")
@may(*STAFF)
@shown_again_on(list_unit_invitations)
@answered_once
def withdraw_invitation(unit_id: UUID, invitation_id: UUID) -> Response:
    _own_unit(unit_id)
    invitations.withdraw_invitation(database(), invitation_id=invitation_id, unit_id=unit_id)
    flash("邀请已撤回，链接不再有效。", "success")
    return redirect(url_for("admin_invitations.list_unit_invitations", unit_id=unit_id), 303)


@blueprint.get("/join/<string(maxlength=100):token>")
@public
def show_invitation(token: str) -> str | tuple[str, int]:
    try:
        invitation = invitations.open_invitation(database(), token)
    except InvitationInvalid as refusal:
        return render_template("admin/join_invalid.html", message=refusal.message), 404
    return render_template("admin/join.html", invitation=invitation, token=token)


@blueprint.post("/join/<string(maxlength=100):token>")
@public
@shown_again_on(show_invitation)
@answered_once
def accept_invitation(token: str) -> Response:
    password = request.form.get("password", "")
    if password != request.form.get("password_again", ""):
        raise invalid_field("password_again", "两次输入的密码不一样。")
    user = invitations.accept_invitation(
        database(),
        token,
        username=request.form.get("username", ""),
        password=password,
        rules=settings().password_rules,
    )
    flash(f"账号 {user.username} 已开通，请登录。", "success")
    return redirect(url_for("session.show_sign_in"), 303)


def _own_unit(unit_id: UUID) -> dict[str, Any]:
    """The unit, for staff of a community that it serves."""
    unit = claims.get_unit(unit_id=unit_id)
    actor = current_actor()
    if not any(actor.reaches(UUID(one)) for one in unit["community_ids"]):
        raise Forbidden("只能邀请服务于本社区的单位。")
    return unit
