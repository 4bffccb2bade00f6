"""What is in force: limits of sessions, rules for passwords and second factors, and where each comes from."""

from datetime import timedelta

from flask import Blueprint, render_template

from gateway.auth.policy import may
from gateway.pages.admin.asking import settings
from gateway.settings import Settings
from services.contracts.base import Role

blueprint = Blueprint("admin_settings", __name__, url_prefix="/admin/settings")


@blueprint.get("")
@may(Role.SECURITY_ADMIN, Role.OPERATOR, Role.AUDITOR)
def list_settings() -> str:
    return render_template("admin/settings.html", groups=in_force(settings()))


def in_force(found: Settings) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """(group, (what, value, the variable that sets it))."""
    rules = found.password_rules
    second = "、".join(role.label for role in Role if role in found.second_factor_roles)
    return [
        (
            "登录会话",
            [
                ("无操作多久后退出", _span(found.session_idle), "GONGZHI_SESSION_IDLE_MINUTES"),
                ("最长登录时间", _span(found.session_absolute), "GONGZHI_SESSION_HOURS"),
                ("多久不登录后须由管理员恢复", _span(found.account_idle), "GONGZHI_IDLE_DAYS"),
                ("必须使用两步验证的角色", second or "不强制", "GONGZHI_SECOND_FACTOR_ROLES"),
            ],
        ),
        (
            "密码",
            [
                ("最短长度", f"{rules.least_length} 个字符", "GONGZHI_PASSWORD_LENGTH"),
                ("至少几类字符", f"{rules.kinds} 类" if rules.kinds else "不要求", "GONGZHI_PASSWORD_KINDS"),
                ("不能重复最近", f"{rules.remembered} 个密码", "GONGZHI_PASSWORD_HISTORY"),
                ("有效期", _span(rules.lasts) if rules.lasts else "不过期", "GONGZHI_PASSWORD_DAYS"),
                ("泄露密码库", "已启用" if rules.breached else "未启用", "GONGZHI_BREACHED_PASSWORDS"),
            ],
        ),
        (
            "运行",
            [
                ("运行环境", "生产" if found.is_production else "开发", "GONGZHI_ENV"),
                ("公开地址", found.public_url, "GONGZHI_PUBLIC_URL"),
                ("前置代理层数", str(found.trusted_proxies), "GONGZHI_TRUSTED_PROXIES"),
            ],
        ),
    ]


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes % (24 * 60) == 0:
        return f"{minutes // (24 * 60)} 天"
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"
