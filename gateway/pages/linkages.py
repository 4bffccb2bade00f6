"""The five parties of an item (五社联动), and the register of social organisations."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gateway.auth.policy import READERS, may
from gateway.calls import claims
from gateway.pages.asking import communities
from gateway.pages.forms import chosen, fen, filled, shown_again_on, wanted
from gateway.pages.frame import STAFF
from gateway.pages.items import get_item
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("linkages", __name__)


@blueprint.post("/items/<uuid:item_id>/link_party")
@may(*STAFF)
@shown_again_on(get_item)
def link_party(item_id: UUID) -> Response:
    party = filled("kind", "party", "unit_id", "volunteer_id", "duty", "minutes")
    claims.link_party(item_id=item_id, **party, **fen("money_yuan", "money_fen"))
    flash("联动主体已登记。", "success")
    return redirect(url_for("items.get_item", item_id=item_id), 303)


@blueprint.post("/items/<uuid:item_id>/linkage/<uuid:link_id>/unlink_party")
@may(*STAFF)
@shown_again_on(get_item)
def unlink_party(item_id: UUID, link_id: UUID) -> Response:
    claims.unlink_party(item_id=item_id, link_id=link_id, **filled("reason"))
    flash("联动主体已撤销。", "success")
    return redirect(url_for("items.get_item", item_id=item_id), 303)


@blueprint.get("/social-organisations")
@may(*READERS)
def list_social_organisations() -> str:
    narrowed = wanted("q", "community_id", "level", "service_field", "status")
    page = claims.list_social_organisations(**narrowed, **wanted("cursor"), limit=LIMIT)
    return render_template(
        "linkages/organisations.html",
        organisations=page["items"],
        pager=Pager(page, LIMIT),
        communities=communities(),
    )


@blueprint.get("/social-organisations/new")
@may(*STAFF)
def new_social_organisation() -> str:
    found = claims.list_units(**wanted("q"), limit=200)["items"]
    units = [unit for unit in found if unit["kind"] == "social_organisation"]
    return render_template("linkages/organisation_form.html", organisation=None, units=units)


@blueprint.post("/social-organisations/new")
@may(*STAFF)
@shown_again_on(new_social_organisation)
def register_social_organisation() -> Response:
    fields = filled("unit_id", "registration_number", "level", "stars")
    registered = claims.register_social_organisation(**fields, **chosen("service_fields"))
    return _to_list(f"{registered['unit_name']} 已登记。")


@blueprint.get("/social-organisations/<uuid:organisation_id>")
@may(*STAFF)
def edit_social_organisation(organisation_id: UUID) -> str:
    organisation = claims.get_social_organisation(unit_id=organisation_id)
    return render_template("linkages/organisation_form.html", organisation=organisation, units=[])


@blueprint.post("/social-organisations/<uuid:organisation_id>/change_social_organisation")
@may(*STAFF)
@shown_again_on(edit_social_organisation)
def change_social_organisation(organisation_id: UUID) -> Response:
    fields = filled("registration_number", "level", "stars", "status", "expected_version")
    changed = claims.change_social_organisation(unit_id=organisation_id, **fields, **chosen("service_fields"))
    return _to_list(f"{changed['unit_name']} 的登记已修改。")


def _to_list(said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("linkages.list_social_organisations"), 303)
