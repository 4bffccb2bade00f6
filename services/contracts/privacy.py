"""The versions of the privacy text, as data: a consent names the version that the person was shown.

A released version is never edited; a changed text is a new version with its own day.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class PrivacyText:
    """Who, why, what, how long, and which rights (Personal Information Protection Law, article 17)."""

    version: str
    since_on: date
    paragraphs: tuple[tuple[str, str], ...]


PRIVACY_TEXTS = (
    PrivacyText(
        version="2026-11",
        since_on=date(2026, 11, 23),
        paragraphs=(
            (
                "谁在处理",
                "本平台由黑河市民政部门和各社区居民委员会共同使用，个人信息保护事宜由市级管理员受理。",
            ),
            (
                "为什么处理",
                "居民名册用于居民自治：抽取民意测验的受访居民，保证一人一票；联系方式只用于发送您订阅的社区通知。",
            ),
            ("处理哪些信息", "姓名、身份证号码、网格编码、工作单位代码；订阅通知的还有电子邮箱。"),
            (
                "怎样保护",
                "上述信息加密存储，页面上只显示部分内容；查看原文须有权限、写明理由并留下审计记录。信息只存储在境内。",
            ),
            (
                "民意测验",
                "作答不记名：谁答过与答了什么分开存放，无法对应。提交答卷即表示同意按本说明处理，系统记下说明的版本和日期。",
            ),
            (
                "保存多久",
                "名册在居住期间保存；订阅取消后电子邮箱立即清除，其余投递记录六个月后去除身份；个人信息申请办结三年后清除身份信息。",
            ),
            (
                "您的权利",
                "您可以查阅、复制、更正、删除自己的信息，也可以随时撤回同意。申请在 15 个工作日内答复。",
            ),
        ),
    ),
    PrivacyText(
        version="2026-11-24",
        since_on=date(2026, 11, 24),
        paragraphs=(
            (
                "谁在处理",
                "本平台由黑河市民政部门和各社区居民委员会共同使用，个人信息保护事宜由市级管理员受理。",
            ),
            (
                "为什么处理",
                "居民名册用于居民自治：抽取民意测验的受访居民，保证一人一票；联系方式只用于发送您订阅的社区通知。"
                "志愿者、单位联系人和到社区报到的在职党员，登记姓名是为了安排服务、联系工作和出具证明。",
            ),
            (
                "处理哪些信息",
                "居民：姓名、身份证号码、网格编码、工作单位代码；订阅通知的还有电子邮箱。"
                "志愿者：姓名、专长、保险期限和服务时长。单位联系人：姓名、职务、电话。报到党员：姓名和服务记录。",
            ),
            (
                "怎样保护",
                "上述信息加密存储，页面上只显示部分内容；查看原文须有权限、写明理由并留下审计记录。信息只存储在境内。",
            ),
            (
                "民意测验",
                "作答不记名：谁答过与答了什么分开存放，无法对应。提交答卷即表示同意按本说明处理，系统记下说明的版本和日期。",
            ),
            (
                "保存多久",
                "名册在居住期间保存；订阅取消后电子邮箱立即清除，其余投递记录六个月后去除身份；个人信息申请办结三年后清除身份信息；"
                "志愿者退出时可以要求抹去姓名，单位退出联盟或申请未获同意时联系人信息立即删除。",
            ),
            (
                "您的权利",
                "您可以查阅、复制、更正、删除自己的信息，也可以随时撤回同意。申请在 15 个工作日内答复。",
            ),
        ),
    ),
)


def current_text(today: date) -> PrivacyText:
    """The version in force on that day."""
    in_force = [text for text in PRIVACY_TEXTS if text.since_on <= today]
    return in_force[-1] if in_force else PRIVACY_TEXTS[0]
