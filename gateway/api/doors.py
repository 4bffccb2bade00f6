"""How an API route reads its request and writes its answer.

Bodies and queries are loaded by the contracts' shapes; unknown fields are refused everywhere.
Answers are the services' views as they came: they are JSON already and are not dumped again.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode
from zlib import crc32

import flask_smorest
import marshmallow as ma
import orjson
from flask import Request, Response, request
from webargs.flaskparser import FlaskParser

from gateway.api.keys import is_keyless, keyed
from gateway.errors import MalformedBody, UnsupportedMediaType, VersionRequired
from services.contracts.base import Invalid, Schema

PREFIX = "/api/v1"
# An ETag as `record` makes it, also weakened by a proxy or stripped of its quotes; `*` is any version.
ETAG = r'\*|(?:W/)?"?(?P<version>[0-9]{1,9})(?:-[0-9a-f]{8})?"?'

V = TypeVar("V", bound=Callable[..., Any])


class _Parser(FlaskParser):
    """Strict: a wrong content type, malformed JSON and an unknown field are each told as such."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {"json": ma.RAISE, "query": ma.RAISE}  # noqa: RUF012

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        return json_body()

    def parse(self, argmap: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(argmap, *args, **kwargs)
        except Invalid as error:
            error.location = kwargs.get("location") or "json"  # type: ignore[attr-defined]
            raise


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """One area of the API; `takes_keys` is False where a second request cannot get the first one's answer."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, *, description: str, takes_keys: bool = True) -> None:
        # The pages have blueprints of the same nouns; in the document the noun stands alone.
        super().__init__(f"api_{name}", __name__, url_prefix=PREFIX, description=description)
        self.tag = name
        self.takes_keys = takes_keys

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        kwargs["tags"] = [self.tag]
        if "POST" in kwargs.get("methods", ()) and self.takes_keys and not is_keyless(view_func):
            view_func = keyed(view_func)
        super().add_url_rule(rule, endpoint, view_func, *args, **kwargs)


def json_body() -> Any:
    """The body as JSON; an absent body is an empty object."""
    raw = request.get_data(cache=True)
    if not raw:
        return {}
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType("请以 application/json 提交。")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(
            f"请求内容不是有效的 JSON（第 {error.lineno} 行第 {error.colno} 列）。"
        ) from error


def without_body(view: V) -> V:
    """The route takes none: what somebody sends anyway is refused, because it would have no effect."""

    @wraps(view)
    def strict(*args: Any, **kwargs: Any) -> Any:
        Schema().load(json_body())
        return view(*args, **kwargs)

    return strict  # type: ignore[return-value]


def body_of(command: type[Schema], *path_ids: str) -> Schema:
    """A command's shape without the ids that stand in the path and the version that is `If-Match`."""
    left_out = {*path_ids, "expected_version"} & set(command._declared_fields)
    return command(exclude=tuple(left_out))


def query_of(query: type[Schema], *path_ids: str) -> Schema:
    return query(exclude=path_ids)


def answer(view: Mapping[str, Any], status: int = 200, *, location: str | None = None) -> Response:
    response = Response(orjson.dumps(view), status=status, content_type="application/json")
    if location:
        response.headers["Location"] = location
    return response


def record(view: Mapping[str, Any], status: int = 200, *, location: str | None = None) -> Response:
    """One record with its `ETag`: the version, and a sum of what this reader sees of it.

    The sum is there because a view also shows what no version counts: days left, possible acts.
    """
    response = answer(view, status, location=location)
    if "version" in view:
        response.set_etag(f"{view['version']}-{crc32(response.get_data()):08x}")
    response.make_conditional(request)
    return response


def page(view: Mapping[str, Any]) -> Response:
    """One page of a list; where the next one is stands in the body and in `Link`."""
    response = answer(view)
    if cursor := view.get("next"):
        wanted = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
        query = urlencode([*wanted, ("cursor", cursor)])
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return response


def if_match(*, is_required: bool = False) -> Callable[[V], V]:
    """Hands the view `expected_version`: the version the asker saw, out of `If-Match`.

    Where it is required, an answer without it is `VersionRequired` (428).
    """

    def decorate(view: V) -> V:
        @wraps(view)
        def conditional(*args: Any, **kwargs: Any) -> Any:
            return view(*args, expected_version=_sent_version(is_required=is_required), **kwargs)

        conditional._apidoc = {**deepcopy(getattr(view, "_apidoc", {})), "if_match": is_required}  # type: ignore[attr-defined]
        return conditional  # type: ignore[return-value]

    return decorate


def _sent_version(*, is_required: bool) -> int | None:
    sent = request.headers.get("If-Match")
    if sent is None:
        if is_required:
            raise VersionRequired("请在 If-Match 中给出记录的版本（取自 ETag）。")
        return None
    matched = re.fullmatch(ETAG, sent.strip())
    if matched is None:
        # Also an empty one: whoever means to name a version and has lost it must not overwrite.
        raise Invalid("If-Match 应为读取记录时得到的 ETag。")
    return int(matched["version"]) if matched["version"] else None
