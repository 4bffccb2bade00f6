"""What the `type` of a problem document means: /problems/<code>, and docs/api/problems.md."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby

from flask import Blueprint, Response, abort, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gateway.auth.policy import public
from gateway.errors import ADVICE, PLAIN, TITLES, status_of
from services.contracts.base import GongzhiError

_PAGES = "/problems"
_OWNERS = {
    "services.contracts.base": "通用",
    "services.contracts.claims": "事项与认领",
    "services.contracts.consultation": "民意测验与居民名册",
    "services.contracts.notifications": "公告与投递",
    "services.contracts.staffing": "社区与工作者",
    "gateway": "接口",
}

_HEAD = """\
# 问题类型

接口出错时一律答复 `application/problem+json`（RFC 9457）：

| 成员 | 内容 |
| --- | --- |
| `type` | 问题的类型，即下列地址之一；打开它可以看到说明。程序应按它（而不是按文字）分支。 |
| `title` | 类型的中文名称，同一状态码相同。 |
| `status` | HTTP 状态码。 |
| `detail` | 这一次的原因，一句给人看的中文。 |
| `instance` | 请求的地址。 |
| `request_id`、`trace_id` | 请求编号和追踪编号；联系运维时请提供。 |
| `errors` | 逐项的原因：`pointer`（请求内容中的位置，JSON Pointer）或 `parameter`（查询参数），以及 `detail`。 |

类型一经发布不再改变含义；今后可能增加新的类型，程序遇到不认识的类型应按状态码处理。

本文件由 `gongzhi openapi` 从错误类生成。
"""

blueprint = Blueprint("problems", __name__)


@dataclass(frozen=True, kw_only=True)
class ProblemType:
    """`type` is the address of its own documentation."""

    type: str
    status: int
    title: str
    area: str
    advice: str


@blueprint.get(f"{_PAGES}/<code>")
@public
def get_problem_type(code: str) -> AnyResponse | str:
    """One type of problem, for programs and for people."""
    found = next((one for one in problem_types() if one.type == f"{_PAGES}/{code}"), None)
    if found is None:
        abort(404)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return render_template("public/problem.html", found=found)
    response: Response = jsonify(asdict(found))
    return response


def problem_types() -> list[ProblemType]:
    """All of them, by status and name; services' refusals are known by the classes of the contracts."""
    known = {code: (status, _OWNERS["gateway"]) for code, status in PLAIN.items()}
    known |= {error.code: (status_of(error), _owner_of(error)) for error in _released(GongzhiError)}
    types = [
        ProblemType(
            type=f"{_PAGES}/{code}", status=status, title=TITLES[status], area=area, advice=ADVICE[status]
        )
        for code, (status, area) in known.items()
    ]
    return sorted(types, key=lambda one: (one.status, one.type))


def documentation() -> str:
    """docs/api/problems.md."""
    sections = [_HEAD]
    for status, types in groupby(problem_types(), key=lambda one: one.status):
        rows = [f"| `{one.type}` | {one.area} |" for one in types]
        head = [f"## {status} {TITLES[status]}", "", ADVICE[status], "", "| 类型 | 出自 |", "| --- | --- |"]
        sections.append("\n".join([*head, *rows, ""]))
    return "\n".join(sections)


def _released(cls: type[GongzhiError]) -> Iterator[type[GongzhiError]]:
    """Those that may reach an asker; not those of tests and commands."""
    for direct in cls.__subclasses__():
        if direct.__module__.startswith(("services.contracts.", "gateway.")):
            yield direct
        yield from _released(direct)


def _owner_of(error: type[GongzhiError]) -> str:
    return next(owner for module, owner in _OWNERS.items() if error.__module__.startswith(module))
