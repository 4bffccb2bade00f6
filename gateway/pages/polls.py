"""Polls (民意测验): how many answered, what came out, and the personal links to hand out."""

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import READERS, may
from gateway.calls import consultation
from gateway.pages.asking import communities, public_address
from gateway.pages.forms import filled, shown_again_on, wanted
from gateway.pages.frame import STAFF
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("polls", __name__)


@blueprint.get("/polls")
@may(*READERS)
def list_polls() -> str:
    narrowed = wanted("community_id", "status")
    page = consultation.list_polls(**narrowed, **wanted("item_id", "cursor"), limit=LIMIT)
    return render_template(
        "polls/list.html",
        polls=page["items"],
        pager=Pager(page, LIMIT),
        narrowed=narrowed,
        communities=communities(),
    )


@blueprint.get("/polls/<uuid:poll_id>")
@may(*READERS)
def get_poll(poll_id: UUID) -> str:
    return render_template(
        "polls/poll.html", poll=consultation.get_poll(poll_id=poll_id), communities=communities()
    )


@blueprint.post("/polls/<uuid:poll_id>/close_poll")
@may(*STAFF)
@shown_again_on(get_poll)
def close_poll(poll_id: UUID) -> Response:
    consultation.close_poll(poll_id=poll_id, **filled("expected_version"))
    flash("民意测验已结束，结果将计入事项得分。", "success")
    return redirect(url_for("polls.get_poll", poll_id=poll_id), 303)


@blueprint.get("/polls/<uuid:poll_id>/invitations")
@may(*STAFF)
def list_invitations(poll_id: UUID) -> str:
    public_url = current_app.extensions["settings"].public_url
    return render_template(
        "polls/invitations.html",
        poll=consultation.get_poll(poll_id=poll_id),
        invitations=[
            (
                one["resident_name"],
                public_address("ballot.open_invitation", public_url, token=one["token"]),
                one["code"],
            )
            for one in consultation.list_invitations(poll_id=poll_id)["items"]
        ],
    )
