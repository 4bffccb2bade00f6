"""What the `type` of a problem document means: /problems/<code>."""

from collections.abc import Iterator

from flask import Blueprint, Response, abort, jsonify

from gateway.auth.policy import public
from gateway.errors import TITLES, status_of
from services.contracts.base import GongzhiError

blueprint = Blueprint("problems", __name__)


@blueprint.get("/problems/<code>")
@public
def get_problem_type(code: str) -> Response:
    """One kind of problem: its status and what it means."""
    for error in _subclasses(GongzhiError):
        if error.code == code:
            status = status_of(error)
            return jsonify(type=f"/problems/{code}", status=status, title=TITLES[status])
    abort(404)


def _subclasses(cls: type[GongzhiError]) -> Iterator[type[GongzhiError]]:
    for direct in cls.__subclasses__():
        yield direct
        yield from _subclasses(direct)
