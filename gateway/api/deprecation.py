"""Saying in time that a route will go: RFC 9745 (`Deprecation`), RFC 8594 (`Sunset`), and where its successor is.

    @blueprint.route("/items/sheet", methods=["GET"])
    @deprecated(since=date(2027, 1, 1), sunset=date(2027, 7, 1), successor="/api/v1/items/exports")
    @may(*READERS)
    def export_items(): ...

The OpenAPI document marks such a route as deprecated, too.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any, TypeVar

from flask import Response, after_this_request
from werkzeug.http import http_date

V = TypeVar("V", bound=Callable[..., Any])


def deprecated(*, since: date, sunset: date, successor: str) -> Callable[[V], V]:
    """From the day `since` nobody should begin to use the route; on the day `sunset` it may be gone."""
    if sunset <= since:
        raise ValueError("a route ends after it was said that it will")
    begins, ends = (datetime.combine(day, time(), UTC) for day in (since, sunset))

    def decorate(view: V) -> V:
        @wraps(view)
        def announced(*args: Any, **kwargs: Any) -> Any:
            after_this_request(announce)
            return view(*args, **kwargs)

        told = {"deprecated": (since, sunset, successor)}
        announced._apidoc = {**deepcopy(getattr(view, "_apidoc", {})), **told}  # type: ignore[attr-defined]
        return announced  # type: ignore[return-value]

    def announce(response: Response) -> Response:
        response.headers["Deprecation"] = f"@{int(begins.timestamp())}"
        response.headers["Sunset"] = http_date(ends)
        response.headers.add("Link", f'<{successor}>; rel="successor-version"')
        return response

    return decorate
