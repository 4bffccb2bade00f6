"""Forms: reading what was sent, and showing a refused form again with everything that was typed.

    @blueprint.post("/units/new")
    @may(*STAFF)
    @shown_again_on(new_unit)
    def register_unit(): ...

A refusal leaves the view as every refusal does, as an exception; `shown_again_on` turns it into the
page the form came from, with the refusal at the top of that form and the reason beside each field.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any, TypeVar
from uuid import uuid4

from flask import g, make_response, request
from werkzeug.datastructures import MultiDict

from gateway.errors import status_of
from services.chassis.clock import LOCAL
from services.contracts.base import Conflict, GongzhiError, Invalid, Unavailable, invalid_field

V = TypeVar("V", bound=Callable[..., Any])

# What people call the fields of the commands.
LABELS = {
    "recipient": "上级单位",
    "quarter": "季度",
    "year": "年度",
    "effective_on": "施行日期",
    "least_items": "最少事项数",
    "item_weighting": "事项怎么平均",
    "items_weight": "事项得分权重",
    "points": "评分",
    "scorer": "评分方",
    "scorers": "评分方",
    "passed_from": "合格线",
    "good_from": "良好线",
    "excellent_from": "优秀线",
    "points_lost_per_day_late": "每逾期一天扣",
    "timeliness_weight": "时效权重",
    "poll_weight": "民意测验权重",
    "assessment_weight": "考核权重",
    "amount_fen": "金额",
    "buyer_kind": "购买主体类型",
    "buyer_name": "购买主体",
    "contract_number": "合同编号",
    "fund_id": "资金",
    "holdback_percent": "尾款比例",
    "long_term_reason": "超过一年的理由",
    "marks": "评分",
    "method": "采购方式",
    "method_reason": "采用该方式的理由",
    "milestones": "节点",
    "milestone_id": "进展",
    "file": "文件",
    "offer_id": "报价",
    "supplier_kind": "承接主体类型",
    "certificate_number": "公开募捐资格证书编号",
    "consented_on": "同意日期",
    "filing_number": "公募备案号",
    "fund_name": "资金名称",
    "fund_source": "资金来源",
    "is_payee_independent": "利害关系声明",
    "item_id": "事项",
    "month_on": "月份",
    "partner_name": "慈善组织名称",
    "partner_uscc": "慈善组织信用代码",
    "payee_kind": "收款方",
    "payee_name": "收款单位名称",
    "payee_unit_id": "收款单位",
    "payer_kind": "来款方",
    "payer_name": "拨款部门",
    "payer_unit_id": "出资单位",
    "posted_on": "记账日期",
    "purpose": "用途",
    "receipt_number": "票据编号",
    "reference": "同意书文号",
    "resolution_id": "决议编号",
    "voucher_number": "凭证编号",
    "wording": "同意的新用途",
    "volunteer_name": "姓名",
    "volunteer_id": "志愿者",
    "volunteer_code": "志愿者编号",
    "skills": "专长",
    "insured_until_on": "保险有效期至",
    "from_on": "开始日期",
    "to_on": "截止日期",
    "starts_at": "开始时间",
    "ends_at": "结束时间",
    "slots": "名额",
    "is_risky": "风险",
    "corrections": "时长",
    "party": "名称",
    "duty": "承担任务",
    "minutes": "时长（分钟）",
    "money_fen": "金额",
    "registration_number": "登记证号",
    "level": "登记层级",
    "service_fields": "服务领域",
    "stars": "评估等级",
    "number": "证明编号",
    "signing": "签到或签退",
    "answer": "答复",
    "call_back": "回访情况",
    "content": "异议内容",
    "is_passed": "回访结果",
    "is_upheld": "是否成立",
    "report": "整改报告",
    "into_need_id": "并入的需求",
    "priority": "优先级",
    "reply": "答复",
    "email": "电子邮箱",
    "field": "内容",
    "identity_number": "身份证号码",
    "is_verified": "申请人身份",
    "kept_email": "登记的电子邮箱",
    "kept_name": "登记的姓名",
    "kept_number": "登记的身份证号码",
    "record_id": "记录",
    "service": "服务",
    "value": "更正为",
    "phone": "联系电话",
    "resident_name": "姓名",
    "status": "办理结果",
    "wish": "补充说明",
    "address": "地址",
    "admission_id": "准入事项",
    "agreement": "协议编号",
    "agrees": "意见",
    "also": "别称",
    "asked_by": "索要单位",
    "assessed_how": "考核方式",
    "basis": "依据",
    "beneficiaries": "受益人数",
    "budget_fen": "预算",
    "category": "事项类别",
    "channel": "渠道",
    "claim_until_on": "认领截止日期",
    "comment": "考核意见",
    "code": "验证码",
    "community_id": "社区",
    "community_ids": "服务社区",
    "department": "部门",
    "emergency_id": "应急",
    "form_count": "表格数",
    "frequency": "频次",
    "funds_fen": "经费",
    "gate_list": "清单",
    "happened_on": "发生日期",
    "is_admitted": "决定",
    "is_approved": "审批意见",
    "legal_basis": "依据",
    "month": "月份",
    "office": "会商单位",
    "people": "人员",
    "proof_title": "证明名称",
    "task_title": "事项名称",
    "training": "培训",
    "until_on": "截止日期",
    "contact_name": "联系人姓名",
    "contact_phone": "联系电话",
    "organisation_title": "党组织名称",
    "headcount": "党员人数",
    "member_name": "姓名",
    "reported_on": "报到日期",
    "served_on": "服务日期",
    "task_id": "任务",
    "grade": "等次",
    "introduction": "可以为社区做什么",
    "post": "职务",
    "description": "事项描述",
    "display_name": "姓名",
    "due_on": "办结期限",
    "functions": "职能",
    "grid_code": "网格编码",
    "kind": "类型",
    "label": "名称",
    "measure": "计量单位",
    "milestone_title": "进展",
    "new_password": "新密码",
    "note": "说明",
    "old_password": "原密码",
    "party_study_on": "党组织研究日期",
    "password_again": "两次输入的密码",
    "percent": "完成比例",
    "place": "实施地点",
    "proof": "密码或验证码",
    "quantity": "数量",
    "reason": "原因",
    "role": "角色",
    "satisfaction": "选项",
    "score": "考核得分",
    "service_class": "服务类型",
    "summary": "办结说明",
    "supporting_unit_ids": "协同单位",
    "supports": "所需支持",
    "title": "名称",
    "unit_id": "认领单位",
    "unit_name": "单位名称",
    "username": "用户名",
    "uscc": "统一社会信用代码",
    "valid_from": "开始日期",
    "valid_to": "截止日期",
    "where": "范围",
}


def shown_again_on(page: Callable[..., Any]) -> Callable[[V], V]:
    """When the act is refused, answer with the page its form stands on."""

    def decorate(act: V) -> V:
        @wraps(act)
        def attempt(*args: Any, **kwargs: Any) -> Any:
            try:
                return act(*args, **kwargs)
            except (Invalid, Conflict, Unavailable) as refusal:
                g.refusal = refusal
                wanted = {name: value for name, value in kwargs.items() if name in _parameters(page)}
                answer = make_response(page(**wanted))
                if answer.status_code == 200:
                    answer.status_code = status_of(type(refusal))
                return answer

        return attempt  # type: ignore[return-value]

    return decorate


def _parameters(page: Callable[..., Any]) -> set[str]:
    inner = page
    while hasattr(inner, "__wrapped__"):
        inner = inner.__wrapped__
    return set(inner.__code__.co_varnames[: inner.__code__.co_argcount])


class Form:
    """One form of a page: its values and, if it has just been refused, why.

    `values` are what the fields hold before anybody typed.
    """

    def __init__(self, action: str, prefix: str = "f", values: dict[str, Any] | None = None) -> None:
        self.action = action
        self.prefix = prefix
        was_sent = request.method == "POST" and request.path == action
        self._typed: MultiDict[str, str] | None = request.form if was_sent else None
        self._values = values or {}
        self.refusal: GongzhiError | None = g.get("refusal") if was_sent else None
        self._shown: set[str] = set()

    @property
    def key(self) -> str:
        """Names this very act, so that sending it twice has one effect.

        After an answer that never came, the same key makes a second try safe.
        """
        if isinstance(self.refusal, Unavailable) and self._typed and self._typed.get("idempotency_key"):
            return self._typed["idempotency_key"]
        return str(uuid4())

    def field_id(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def value(self, name: str) -> str:
        if self._typed is not None:
            return self._typed.get(name, "")
        found = self._values.get(name)
        return "" if found is None else str(found)

    def values(self, name: str) -> list[str]:
        if self._typed is not None:
            return self._typed.getlist(name)
        return [str(part) for part in self._values.get(name) or []]

    def errors(self, *names: str) -> list[str]:
        """What is wrong with a field, also with one of its parts (`supports.0`)."""
        self._shown.update(names)
        if self.refusal is None:
            return []
        return [
            message
            for path, messages in self.refusal.fields.items()
            if path.split(".")[0] in names
            for message in messages
        ]

    def wrong(self) -> Iterator[tuple[str, str, str]]:
        """(field, its word, what is wrong) of every field refused."""
        if self.refusal is not None:
            for path, messages in self.refusal.fields.items():
                name = path.split(".")[0]
                yield name, LABELS.get(name, name), "".join(messages)


def filled(*names: str) -> dict[str, Any]:
    """The named fields of the form that somebody filled in; empty ones count as not sent."""
    return {name: value.strip() for name in names if (value := request.form.get(name, "")).strip()}


def chosen(*names: str) -> dict[str, list[str]]:
    """The named fields of which several may be chosen."""
    return {name: request.form.getlist(name) for name in names}


def wanted(*names: str) -> dict[str, str]:
    """The named filters of the address that are not empty."""
    return {name: value.strip() for name in names if (value := request.args.get(name, "")).strip()}


def local_time(*names: str) -> dict[str, str]:
    """The named fields as a browser writes a day and an hour here; with the zone that everybody here means."""
    typed = filled(*names)
    for name, value in typed.items():
        try:
            typed[name] = datetime.fromisoformat(value).replace(tzinfo=LOCAL).isoformat()
        except ValueError:
            raise invalid_field(name, "应为日期和时间，例如 2026-11-28 08:00。") from None
    return typed


def fen(name: str, field: str) -> dict[str, int]:
    """Money as people write it (36,000.50) -> whole fen under the command's name for it."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return {}
    plain = re.sub(r"[,，\s]|元$", "", typed)
    try:
        value = Decimal(plain) * 100
    except InvalidOperation:
        raise invalid_field(field, "应为金额，例如 36000 或 36000.50。") from None
    if not value.is_finite() or value != value.to_integral_value() or abs(value) >= 10**14:
        raise invalid_field(field, "金额最多两位小数。")
    return {field: int(value)}
