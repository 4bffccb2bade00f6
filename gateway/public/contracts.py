"""The public contracts (合同公开): who does what for whom, for how much, and how far it is."""

from flask import Blueprint, render_template

from gateway.auth.policy import public
from gateway.calls import claims
from gateway.pages.asking import communities
from gateway.pages.forms import wanted
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("public_contracts", __name__)


@blueprint.get("/public/contracts")
@public
def list_contracts() -> str:
    page = claims.list_contracts(**wanted("community_id", "cursor"), limit=LIMIT)
    return render_template(
        "public/contracts.html",
        contracts=page["items"],
        pager=Pager(page, LIMIT),
        communities=communities(),
    )
