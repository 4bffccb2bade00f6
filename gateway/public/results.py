"""Units' results of a period in public (考核公示): with every line of how they came about."""

from uuid import UUID

from flask import Blueprint, render_template

from gateway.auth.policy import public
from gateway.calls import claims
from gateway.pages.asking import communities
from gateway.pages.forms import wanted
from gateway.pages.paging import Pager

LIMIT = 20

blueprint = Blueprint("public_results", __name__)


@blueprint.get("/public/results")
@public
def list_results() -> str:
    page = claims.list_unit_assessments(**wanted("community_id", "unit_id", "cursor"), limit=LIMIT)
    return render_template(
        "public/results.html", results=page["items"], pager=Pager(page, LIMIT), communities=communities()
    )


@blueprint.get("/public/results/<uuid:assessment_id>")
@public
def get_result(assessment_id: UUID) -> str:
    return render_template(
        "public/result.html", result=claims.get_unit_assessment(assessment_id=assessment_id)
    )
