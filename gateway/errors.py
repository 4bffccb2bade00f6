"""Kind of error -> HTTP status; a problem document for programs, a page for people.

A new error class needs no new line here: the table is looked up along the class's MRO.
"""

from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from gateway.auth.errors import NotSignedIn, TooManyAttempts
from services.chassis import tracing
from services.chassis.db import is_passing
from services.chassis.logs import get_logger
from services.contracts import base
from services.contracts.base import GongzhiError
from services.contracts.claims import errors as claims
from services.contracts.consultation import errors as consultation
from services.contracts.notifications import errors as notifications
from services.contracts.staffing import errors as staffing

PROBLEM = "application/problem+json"
RETRY_SECONDS = 3
SIGN_IN = "/signin"

STATUS: dict[type[GongzhiError], int] = {
    NotSignedIn: 401,
    TooManyAttempts: 429,
    base.Invalid: 422,
    base.Forbidden: 403,
    base.NotFound: 404,
    base.Conflict: 409,
    base.VersionMismatch: 412,
    base.Unavailable: 503,
    base.DeadlineExceeded: 504,
}

TITLES = {
    400: "请求无法识别",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种操作",
    406: "无法提供所要的格式",
    408: "请求超时",
    409: "与当前状态冲突",
    412: "记录已被他人修改",
    413: "内容太大",
    414: "地址太长",
    415: "不支持这种内容格式",
    422: "内容有误",
    428: "缺少版本",
    429: "请求太频繁",
    431: "请求头太大",
    500: "系统出错",
    503: "暂时无法处理",
    504: "处理超时",
    505: "不支持这个 HTTP 版本",
}

# What the asker had best do, by status; part of the documentation of every type of problem.
ADVICE = {
    400: "请求本身不合规范。改正后再发，原样重发没有用。",
    401: "重新登录，换得新的令牌后再发。",
    403: "换用有权限的账号，或请管理员授权。",
    404: "核对地址和编号；没有权限看到的记录也答复 404。",
    405: "答复的 `Allow` 头列出了可用的方法。",
    406: "改用 `Accept` 头中能提供的格式。",
    408: "连接太慢，请求没有收全，也没有生效；用同一个 `Idempotency-Key` 重发。",
    409: "重新读取记录，再决定下一步；带 `Retry-After` 的，等候相应秒数后原样重发。",
    412: "重新读取记录，用新的 `ETag` 再修改。",
    413: "缩小内容或分批提交。",
    414: "缩短地址中的查询条件。",
    415: "按接口文档给出的格式提交。",
    422: "`errors` 逐项说明哪里不对，改正后再发。",
    428: "先读取记录，把它的 `ETag` 放进 `If-Match`。",
    429: "等候 `Retry-After` 给出的秒数再发。",
    431: "减少或缩短请求头。",
    500: "请提供 `request_id` 联系运维；可用同一个 `Idempotency-Key` 重发。",
    503: "等候 `Retry-After` 给出的秒数，用同一个 `Idempotency-Key` 重发。",
    504: "结果未知。用同一个 `Idempotency-Key` 重发，即得第一次的结果，不会重复生效。",
    505: "使用 HTTP/1.1。",
}

# Problems that no class of error stands for: what HTTP itself refuses, by the end of their type.
PLAIN = {
    "bad_request": 400,
    "page_expired": 400,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "request_timeout": 408,
    "conflict": 409,
    "precondition_failed": 412,
    "body_too_large": 413,
    "request_uri_too_long": 414,
    "unsupported_media_type": 415,
    "unprocessable_entity": 422,
    "precondition_required": 428,
    "request_header_fields_too_large": 431,
    "internal_error": 500,
    "service_unavailable": 503,
    "http_version_not_supported": 505,
}
_CODES = {status: code for code, status in reversed(PLAIN.items())}

DETAILS = {
    400: "请求的格式不正确。",
    404: "没有这个地址。",
    408: "请求没有在规定的时间内收全。",
    405: "此地址不支持这种请求方法。",
    413: "提交的内容超过了允许的大小。",
    415: "请以 application/json 提交。",
    429: "请求太频繁，请稍后再试。",
    431: "请求头太多或太长。",
    500: "系统出现意外错误，已经记录。请稍后再试；如需帮助，请提供请求编号。",
    503: "系统暂时无法处理，请稍后再试。",
    505: "请使用 HTTP/1.1。",
}

# Named, so that they are loaded: a refusal arrives as its own class where the class is known.
AREAS = (claims, consultation, staffing, notifications)

log = get_logger(__name__)


class MalformedBody(GongzhiError): ...


class MalformedAddress(GongzhiError): ...


class UnsupportedMediaType(GongzhiError): ...


class VersionRequired(GongzhiError): ...


class IdempotencyKeyRequired(GongzhiError): ...


class TooManyRequests(GongzhiError):
    """`retry_after`: whole seconds to wait; set by whoever raises."""

    retry_after: int = 1


class FirstStillRunning(base.Conflict):
    """The request that came first under the same key has no answer yet."""


STATUS |= {
    MalformedBody: 400,
    MalformedAddress: 400,
    IdempotencyKeyRequired: 400,
    UnsupportedMediaType: 415,
    VersionRequired: 428,
    TooManyRequests: 429,
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """RFC 9457: `code` ends the `type`; `errors` name the places in the body or the query."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return TITLES.get(self.status) or HTTPStatus(self.status).phrase

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.path,
            "request_id": tracing.request_id.get(),
            "trace_id": tracing.trace_id(tracing.traceparent.get()),
        }
        if self.errors:
            document["errors"] = self.errors
        return document


def register(app: Flask) -> None:
    app.register_error_handler(GongzhiError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: type[GongzhiError]) -> int:
    return next((STATUS[cls] for cls in error.__mro__ if cls in STATUS), 500)


def code_of(status: int) -> str:
    """What ends the type of a problem that HTTP itself has with a request."""
    return _CODES.get(status) or HTTPStatus(status).name.lower()


def problem_of(error: GongzhiError) -> Problem:
    status = status_of(type(error))
    headers = {}
    if status in (503, 504):
        headers["Retry-After"] = str(RETRY_SECONDS)
    elif isinstance(error, TooManyAttempts | TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, FirstStillRunning):
        headers["Retry-After"] = "1"
    elif status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="gongzhi"'
    if status == 500:
        return Problem(status=500, code="internal_error", detail=DETAILS[500])
    return Problem(
        status=status,
        code=error.code,
        detail=error.message or TITLES[status],
        errors=_places(error),
        headers=headers,
    )


def answer(problem: Problem) -> Response:
    """The problem, in the form the asker can read."""
    response = _document(problem) if _is_for_program() else _page(problem)
    response.status_code = problem.status
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(error: GongzhiError) -> AnyResponse:
    problem = problem_of(error)
    if problem.status == 500:
        log.error("unknown_error_class", error=type(error).__name__, exc_info=error)
    if problem.status == 401 and type(error) is NotSignedIn and not _is_for_program():
        return _to_sign_in()
    return answer(problem)


def _http_error(error: HTTPException) -> AnyResponse:
    """What Flask itself refuses: no such address, wrong method, a body that is too large, …"""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # a redirect, or a finished answer
    status = error.code
    headers = {
        name: value
        for name, value in error.get_headers(request.environ)
        if name.lower() in ("allow", "retry-after", "www-authenticate", "content-range")
    }
    if isinstance(error, CSRFError):
        return answer(Problem(status=400, code="page_expired", detail="页面已过期，请刷新后重新提交。"))
    if isinstance(error, RequestEntityTooLarge):
        most = current_app.config["MAX_CONTENT_LENGTH"] // (1024 * 1024)
        return answer(Problem(status=413, code="body_too_large", detail=f"提交的内容不能超过 {most} MB。"))
    detail = DETAILS.get(status) or TITLES.get(status) or error.name
    return answer(Problem(status=status, code=code_of(status), detail=detail, headers=headers))


def _unexpected(error: Exception) -> AnyResponse:
    if isinstance(error, SQLAlchemyError) and is_passing(error):
        return answer(problem_of(base.Unavailable(DETAILS[503])))
    log.error("unexpected_error", path=request.path, exc_info=error)
    return answer(Problem(status=500, code="internal_error", detail=DETAILS[500]))


def _is_for_program() -> bool:
    if request.path.startswith(("/api/", "/healthz", "/readyz", "/live", "/problems/")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", PROBLEM, "application/json"])
    return best in (PROBLEM, "application/json")


def _document(problem: Problem) -> Response:
    return Response(current_app.json.dumps(problem.document()), content_type=PROBLEM)


def _page(problem: Problem) -> Response:
    try:
        text = render_template("error.html", problem=problem, request_id=tracing.request_id.get())
    except TemplateNotFound:
        text = _plain_page(problem)
    except Exception:  # the page of an error must never be a second error
        log.exception("error page failed")
        text = _plain_page(problem)
    return Response(text, content_type="text/html; charset=utf-8")


def _plain_page(problem: Problem) -> str:
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(problem.title)}</title>'
        f"<h1>{escape(problem.title)}</h1><p>{escape(problem.detail)}</p>"
        f"<p>请求编号：{escape(tracing.request_id.get())}</p></html>"
    )


def _to_sign_in() -> AnyResponse:
    """Send a person to the sign-in page, and back afterwards."""
    wanted = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else ""
    address = f"{SIGN_IN}?{urlencode({'next': wanted})}" if wanted else SIGN_IN
    if request.headers.get("HX-Request") == "true":
        # A fragment cannot show the sign-in page; htmx loads it as a page of its own.
        return Response(status=401, headers={"HX-Redirect": address, "Cache-Control": "no-store"})
    return redirect(address, code=303)


def _places(error: GongzhiError) -> list[dict[str, str]]:
    """Where in the request each complaint belongs: a JSON pointer, or the name of a parameter."""
    is_without_body = request.method in ("GET", "HEAD") or getattr(error, "location", "json") != "json"
    places = []
    for path, messages in error.fields.items():
        if is_without_body or path in (request.view_args or {}):
            place = {"parameter": path}
        else:
            parts = [part.replace("~", "~0").replace("/", "~1") for part in path.split(".")] if path else []
            place = {"pointer": "".join(f"/{part}" for part in parts)}
        places.append({**place, "detail": "".join(messages)})
    return places
