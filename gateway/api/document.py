"""The OpenAPI document, and the page that shows it."""

from http import HTTPStatus
from typing import Any

import flask
import flask_smorest
import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, current_app, render_template_string

from gateway.api.doors import ETAG, PREFIX, Blueprint
from gateway.api.keys import ANSWER_DAYS
from gateway.auth.policy import Policy, public
from gateway.errors import PROBLEM, TITLES
from services.contracts.base import View, no_control_characters

TITLE = "共治开放接口"
VERSION = "1.0"

_ABOUT = f"""\
共治平台的程序接口。

- 登录：`POST /api/v1/session` 得到令牌，之后每次请求带 `Authorization: Bearer <令牌>`；接口不认 Cookie。
- 出错：一律为 `application/problem+json`（RFC 9457），`errors` 指出有问题的字段。
- 重试：新建或推进记录的 POST 须带 `Idempotency-Key`；用同一个值重发，只生效一次，并得到第一次的答复。
  缺少它答复 400；换了内容答复 422；前一次还在处理则答复 409 和 `Retry-After`。{ANSWER_DAYS} 天后同一个值视为新的请求。
- 并发：单条记录带 `ETag`；修改时放进 `If-Match`，记录已被他人修改则得到 412。
- 翻页：列表的 `next`（以及 `Link` 头）指向下一页。
- 时间为带时区的 ISO 8601，金额为整数分。
"""

_PAGE = """\
<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{ title }}</title>
    <link rel="stylesheet" href="{{ url_for('static', filename='vendor/swagger-ui/swagger-ui.css') }}">
  </head>
  <body>
    <div id="document"></div>
    <script src="{{ url_for('static', filename='vendor/swagger-ui/swagger-ui-bundle.js') }}"></script>
    <script nonce="{{ csp_nonce() }}">
      SwaggerUIBundle({ url: "{{ url }}", validatorUrl: null,
        dom_id: "#document", deepLinking: true, tryItOutEnabled: true });
    </script>
  </body>
</html>
"""

_DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": f"调用方为这一次操作取的唯一值；重发时保持不变，{ANSWER_DAYS} 天内有效。",
}

_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": f"^({ETAG.replace('?P<version>', '')})$"},
    "description": "读取记录时得到的 ETag；记录此后被他人修改则答复 412。",
}

_RETRY_AFTER = {
    "Retry-After": {"schema": {"type": "string"}, "required": True, "description": "多少秒之后再试"}
}
# How operations refuse; which of them can refuse how is in `_complete`.
_PROBLEMS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503, 504)


class ProblemPlace(View):
    pointer = ma.fields.String(metadata={"description": "请求内容中的位置（JSON Pointer）"})
    parameter = ma.fields.String(metadata={"description": "有问题的查询参数"})
    detail = ma.fields.String(required=True)


class Problem(View):
    """RFC 9457."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True)
    instance = ma.fields.String(required=True)
    request_id = ma.fields.String(required=True)
    trace_id = ma.fields.String(required=True)
    errors = ma.fields.List(ma.fields.Nested(ProblemPlace))


class _Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest, with our problems in place of its error bodies."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """`gateway.errors` answers."""

    def _register_responses(self) -> None:
        for status in _PROBLEMS:
            response = {"description": TITLES[status], "content": {PROBLEM: {"schema": Problem}}}
            if status in (429, 503, 504):
                response["headers"] = _RETRY_AFTER
            self.spec.components.response(HTTPStatus(status).name, response)


def register(app: Flask, blueprints: list[Blueprint]) -> None:
    app.config.update(API_TITLE=TITLE, API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    document = _Api(
        app,
        spec_kwargs={
            "marshmallow_plugin": plugin,
            "info": {"description": _ABOUT},
            "servers": [{"url": "/"}],
        },
    )
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_as_sent)  # type: ignore[no-untyped-call]  # apispec has no types here
    document.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for blueprint in blueprints:
        if _describe_policy not in blueprint._prepare_doc_cbks:
            blueprint._prepare_doc_cbks.append(_describe_policy)
        document.register_blueprint(blueprint)
        document.spec._tags[-1]["name"] = blueprint.tag
    for path, operations in document.spec._paths.items():
        for method, operation in operations.items():
            if method != "parameters":
                _complete(operation, method=method, has_record="{" in path)
    for (shape, *_), name in plugin.converter.refs.items():
        if issubclass(shape, View) and shape.__module__.startswith("services.contracts."):
            # What services show is always shown whole.
            shown = document.spec.components.schemas[name]
            shown["required"] = sorted(shown["properties"])
    app.extensions["openapi"] = document.spec
    app.register_blueprint(_shown)


_shown = flask.Blueprint("api-docs", __name__)


@_shown.get(f"{PREFIX}/openapi.json")
@public
def openapi_json() -> Response:
    """The document for programs."""
    text = current_app.json.dumps(current_app.extensions["openapi"].to_dict())
    return Response(text, content_type="application/json")


@_shown.get("/api/docs")
@public
def openapi_swagger_ui() -> str:
    """The document for people."""
    return render_template_string(_PAGE, title=TITLE, url=f"{PREFIX}/openapi.json")


def _schema_name(schema: Any) -> str:
    """Every schema by the name of its class; a body without its path ids is the command all the same."""
    name: str = (schema if isinstance(schema, type) else type(schema)).__name__
    return name


def _as_sent(_converter: Any, field: ma.fields.Field[Any], ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    r"""What apispec does not see by itself.

    Decimals travel as texts, so that no reader rounds them (who writes may also send a number);
    `\Z` of Python is `$` in JSON Schema.
    """
    if isinstance(field, ma.fields.Decimal) and field.as_string:
        ret.pop("minimum", None)
        ret.pop("maximum", None)
        types = ["string"] if isinstance(field.parent, View) else ["string", "number"]
        types += ["null"] if field.allow_none else []
        return {"type": types if len(types) > 1 else types[0], "pattern": _DECIMAL}
    if isinstance(field, ma.fields.Enum):
        chosen = [one.choices for one in field.validators if isinstance(one, ma.validate.OneOf)]
        return {"enum": [member.value for member in chosen[0]]} if chosen else {}
    if no_control_characters in field.validators:
        return {"pattern": _TEXT}
    pattern = ret.get("pattern")
    return {"pattern": pattern.replace(r"\Z", "$")} if pattern else {}


def _describe_policy(doc: dict[str, Any], doc_info: dict[str, Any], **_: Any) -> dict[str, Any]:
    policy: Policy = doc_info["policy"]
    doc["security"] = [] if policy.is_public else [{"bearer": []}]
    if policy.roles:
        doc["x-roles"] = [str(role) for role in policy.roles]
    if "deprecated" in doc_info:
        _since, sunset, successor = doc_info["deprecated"]
        doc["deprecated"] = True
        doc["description"] = f"已弃用，{sunset} 起可能停止服务，请改用 `{successor}`。"
    parameters = doc.setdefault("parameters", [])
    if doc_info.get("needs_key"):
        parameters.append({**_IDEMPOTENCY_KEY, "required": True})
    if "if_match" in doc_info:
        parameters.append({**_IF_MATCH, "required": doc_info["if_match"]})
    return doc


def _complete(operation: dict[str, Any], *, method: str, has_record: bool) -> None:
    """What every operation of its kind takes and may answer; what only single ones do stands at their routes."""
    # Replacing and removing have the same effect however often; the key only brings the first answer again.
    if method in ("put", "patch", "delete") and operation["tags"] != ["session"]:
        operation["parameters"].append({**_IDEMPOTENCY_KEY, "required": False})
    found = {400, 422, 429, 503, 504}
    if operation["security"]:
        found |= {401, 403}
    if has_record:
        found.add(404)
    if method != "get":
        found |= {409, 413, 415}
    for parameter in operation["parameters"]:
        if parameter.get("name") == "If-Match":
            found |= {412, 428} if parameter["required"] else {412}
    for status in found:
        reference = {"$ref": f"#/components/responses/{HTTPStatus(status).name}"}
        operation["responses"].setdefault(str(status), reference)
