"""What stands around every page: the menu, the large-type version, words and forms for templates."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from gateway import formats
from gateway.auth.policy import is_allowed, public
from gateway.auth.session import current_user
from gateway.pages.forms import Form
from services.contracts.base import Role

ELDER = "large_type"
A_YEAR = 365 * 24 * 3600

# Who may do what, the same as for programs; the service that knows the record checks the community.
STAFF = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER, Role.COMMUNITY_WORKER)
LEADERS = (Role.CITY_ADMIN, Role.COMMUNITY_MANAGER)
ASSESSORS = (Role.CITY_ADMIN, Role.CITY_OFFICER, Role.COMMUNITY_MANAGER)
UNITS = (*STAFF, Role.UNIT_LIAISON)
OFFICES = (*STAFF, Role.CITY_OFFICER)
CITY = (Role.CITY_ADMIN, Role.CITY_OFFICER)
WATCHERS = (*OFFICES, Role.SUPERVISOR)

blueprint = Blueprint("frame", __name__)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`areas`: the blueprints whose pages belong under this entry."""

    word: str
    endpoint: str
    icon: str
    areas: tuple[str, ...] = ()
    counted_by: str = ""


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "工作台",
        (
            Entry(
                word="我的待办",
                endpoint="todo.list_todo",
                icon="inbox",
                areas=("todo",),
                counted_by="todo.count_todo",
            ),
            Entry(word="我的任务", endpoint="jobs.list_jobs", icon="clock-history", areas=("jobs",)),
            Entry(
                word="数据看板", endpoint="dashboard.get_dashboard", icon="speedometer2", areas=("dashboard",)
            ),
        ),
    ),
    (
        "共建认领",
        (
            Entry(
                word="居民需求", endpoint="needs.list_needs", icon="megaphone", areas=("needs", "need_acts")
            ),
            Entry(
                word="认领清单",
                endpoint="items.list_items",
                icon="card-checklist",
                areas=("items", "item_acts", "item_expiry"),
            ),
            Entry(
                word="清单批次",
                endpoint="claim_lists.list_claim_lists",
                icon="file-earmark-excel",
                areas=("claim_lists",),
            ),
            Entry(
                word="驻地单位", endpoint="units.list_units", icon="building", areas=("units", "agreements")
            ),
            Entry(
                word="双报到",
                endpoint="dual_registrations.list_dual_registrations",
                icon="people",
                areas=("dual_registrations",),
            ),
            Entry(word="社区资金", endpoint="funds.list_funds", icon="wallet2", areas=("funds", "fund_acts")),
            Entry(
                word="购买服务",
                endpoint="purchases.list_purchases",
                icon="clipboard-check",
                areas=("purchases", "purchase_acts"),
            ),
            Entry(
                word="社会组织",
                endpoint="linkages.list_social_organisations",
                icon="diagram-3",
                areas=("linkages",),
            ),
            Entry(
                word="志愿者",
                endpoint="volunteers.list_volunteers",
                icon="person-heart",
                areas=("volunteers",),
            ),
            Entry(
                word="志愿服务班次", endpoint="shifts.list_shifts", icon="calendar2-check", areas=("shifts",)
            ),
            Entry(
                word="单位周期考核",
                endpoint="unit_assessments.list_periods",
                icon="award",
                areas=("unit_assessments",),
            ),
            Entry(word="考核方案", endpoint="schemes.list_schemes", icon="list", areas=("schemes",)),
            Entry(word="民意测验", endpoint="polls.list_polls", icon="clipboard-check", areas=("polls",)),
        ),
    ),
    (
        "准入减负",
        (
            Entry(
                word="事项准入",
                endpoint="admissions.list_admissions",
                icon="clipboard-check",
                areas=("admissions",),
            ),
            Entry(
                word="准入清单", endpoint="gate_lists.list_gate_entries", icon="list", areas=("gate_lists",)
            ),
            Entry(
                word="未准入退回",
                endpoint="sent_back.list_sent_back_tasks",
                icon="box-arrow-right",
                areas=("sent_back",),
            ),
            Entry(
                word="应急事项",
                endpoint="emergencies.list_emergencies",
                icon="exclamation-triangle",
                areas=("emergencies",),
            ),
            Entry(word="证明用印", endpoint="seals.list_seal_requests", icon="patch-check", areas=("seals",)),
            Entry(word="负担指数", endpoint="burdens.get_burden_meter", icon="bar-chart", areas=("burdens",)),
        ),
    ),
    (
        "通知公示",
        (
            Entry(
                word="通知发送记录", endpoint="deliveries.list_deliveries", icon="send", areas=("deliveries",)
            ),
            Entry(
                word="通知订阅",
                endpoint="subscriptions.list_subscriptions",
                icon="bell",
                areas=("subscriptions",),
            ),
            Entry(word="单位考核公示", endpoint="public_results.list_results", icon="award"),
            Entry(word="公示栏", endpoint="public.show_board", icon="megaphone"),
        ),
    ),
    (
        "基础信息",
        (
            Entry(
                word="社区", endpoint="communities.list_communities", icon="houses", areas=("communities",)
            ),
            Entry(word="居民名册", endpoint="residents.list_residents", icon="people", areas=("residents",)),
            Entry(
                word="个人信息申请",
                endpoint="personal_requests.list_personal_requests",
                icon="inbox",
                areas=("personal_requests",),
            ),
            Entry(word="接口文档", endpoint="api-docs.openapi_swagger_ui", icon="code-slash"),
        ),
    ),
    (
        "安全管理",
        (
            Entry(word="账号", endpoint="admin_users.list_users", icon="people", areas=("admin_users",)),
            Entry(word="授权", endpoint="admin_grants.list_grants", icon="award", areas=("admin_grants",)),
            Entry(
                word="会话", endpoint="admin_sessions.list_sessions", icon="person", areas=("admin_sessions",)
            ),
            Entry(
                word="登录记录",
                endpoint="admin_sign_ins.list_sign_ins",
                icon="clock-history",
                areas=("admin_sign_ins",),
            ),
            Entry(word="审计日志", endpoint="audit.list_audit", icon="search", areas=("audit",)),
            Entry(
                word="安全设置",
                endpoint="admin_settings.list_settings",
                icon="info-circle",
                areas=("admin_settings",),
            ),
        ),
    ),
)


def menu() -> list[tuple[str, list[Entry]]]:
    """The entries that exist and that this person may open."""
    groups = []
    for word, entries in MENU:
        open_entries = [entry for entry in entries if may_use(entry.endpoint)]
        if open_entries:
            groups.append((word, open_entries))
    return groups


def may_use(endpoint: str) -> bool:
    """Whether such a page or act exists and this person's role may use it."""
    view = current_app.view_functions.get(endpoint)
    return view is not None and is_allowed(view)


def words() -> dict[str, Any]:
    """What every template may use."""
    user = current_user()
    return {
        "Form": Form,
        "break_glass_until": current_app.extensions["break_glass"].open_until,
        "menu": menu,
        "terms": formats.TERMS,
        "is_large": request.cookies.get(ELDER) == "1",
        "may_use": may_use,
        "is_liaison": bool(user and user.has_role(Role.UNIT_LIAISON)),
        "here": request.full_path.rstrip("?"),
    }


@blueprint.record_once
def add_words(state: BlueprintSetupState) -> None:
    state.app.jinja_env.filters.update(formats.FILTERS)
    state.app.jinja_env.trim_blocks = True
    state.app.jinja_env.lstrip_blocks = True
    state.app.context_processor(words)


@blueprint.post("/large-type")
@public
def switch_large_type() -> AnyResponse:
    """大字版 on or off, kept in this browser; back to the page the switch was on."""
    response = redirect(safe_address(request.form.get("next", "")) or url_for("public.show_board"), 303)
    is_production = current_app.extensions["settings"].is_production
    if request.cookies.get(ELDER) == "1":
        response.delete_cookie(ELDER, samesite="Lax", secure=is_production)
    else:
        response.set_cookie(ELDER, "1", max_age=A_YEAR, samesite="Lax", httponly=True, secure=is_production)
    return response


@blueprint.get("/favicon.ico")
@public
def get_favicon() -> Response:
    """Browsers ask for it by this name when they show no page of ours."""
    response = current_app.send_static_file(url_for_favicon())
    response.mimetype = "image/svg+xml"
    return response


def url_for_favicon() -> str:
    address: str = current_app.jinja_env.globals["asset"]("favicon.svg")  # type: ignore[operator]
    return address.rsplit("/", 1)[-1]


def safe_address(address: str) -> str:
    """The address if it leads to a page here; otherwise nothing, so that no link can lead people away."""
    parts = urlsplit(address)
    is_here = not parts.scheme and not parts.netloc and address.startswith("/")
    has_tricks = address.startswith("//") or "\\" in address or any(ord(sign) < 32 for sign in address)
    return address if is_here and not has_tricks else ""
