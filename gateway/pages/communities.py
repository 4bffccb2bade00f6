"""The city's communities and how far their posts are filled."""

from flask import Blueprint, render_template

from gateway.auth.policy import READERS, may
from gateway.pages.asking import communities

blueprint = Blueprint("communities", __name__)


@blueprint.get("/communities")
@may(*READERS)
def list_communities() -> str:
    return render_template("communities/list.html", communities=communities())
