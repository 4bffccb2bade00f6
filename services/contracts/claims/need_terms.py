"""The closed vocabularies of residents' needs (DOMAIN: needs)."""

from services.contracts.base import Term


class NeedSource(Term):
    STAFF = "staff", "社区登记"
    PUBLIC = "public", "居民网上反映"
    HOTLINE = "hotline", "12345 热线工单"
    SHEET = "sheet", "表格导入"


class NeedStatus(Term):
    RECEIVED = "received", "待分办"
    TRIAGED = "triaged", "办理中"
    ITEM = "item", "已列入清单"
    MATTER = "matter", "已转议事协商"
    REFERRED = "referred", "已转办"
    ANSWERED = "answered", "已答复"
    DECLINED = "declined", "不予办理"
    MERGED = "merged", "已合并"


class NeedPriority(Term):
    NORMAL = "normal", "一般"
    PREFERRED = "preferred", "优先"
    URGENT = "urgent", "紧急"
