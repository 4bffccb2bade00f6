"""The closed vocabularies of claims (DOMAIN: claim list, claims, assessment)."""

from services.contracts.base import Term


class ServiceClass(Term):
    """The three service classes of the report, section three."""

    WELFARE = "welfare", "福利性"
    CONVENIENCE = "convenience", "便民利民"
    SOCIAL = "social", "社会化"


class Category(Term):
    ILLEGAL_STRUCTURES = "illegal_structures", "拆除违建"
    SANITATION = "sanitation", "环境卫生"
    CULTURE = "culture", "社区文化"
    PROPERTY = "property", "物业管理"
    FACILITIES = "facilities", "公共设施"
    WELFARE = "welfare", "公益帮扶"
    WINTER_DUTY = "winter_duty", "冬季除雪"
    CONVENIENCE = "convenience", "便民服务"
    SAFETY = "safety", "平安建设"


class Support(Term):
    MONEY = "money", "资金"
    GOODS = "goods", "实物"
    PEOPLE = "people", "人力"
    TECHNIQUE = "technique", "技术"


class UnitKind(Term):
    GOVERNMENT = "government", "机关"
    INSTITUTION = "institution", "事业单位"
    ENTERPRISE = "enterprise", "企业"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"


class UnitStatus(Term):
    """Where a unit stands with the alliance; only members claim."""

    APPLIED = "applied", "待审核"
    MEMBER = "member", "成员单位"
    REFUSED = "refused", "未通过"
    SUSPENDED = "suspended", "已暂停"
    LEFT = "left", "已退出"


class ItemStatus(Term):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "待认领"
    CLAIMED = "claimed", "已认领"
    IN_PROGRESS = "in_progress", "进行中"
    SUBMITTED = "submitted", "待审核"
    VERIFIED = "verified", "待评议"
    SCORED = "scored", "已办结"
    COMMENDED = "commended", "已表扬"
    # Beside that way: what nobody claimed in time, and what became of it.
    EXPIRED = "expired", "认领到期"
    PURCHASED = "purchased", "购买服务"
    FUNDED = "funded", "资金项目"
    WITHDRAWN = "withdrawn", "已撤回"


class ItemWay(Term):
    """How an item is done that no unit claimed."""

    PURCHASE = "purchase", "政府购买服务"
    FUND = "fund", "社区资金项目"


class ClaimKind(Term):
    WHOLE = "whole", "整体认领"
    JOINT = "joint", "联合认领"
    PARTIAL = "partial", "部分认领"


class ClaimStatus(Term):
    CLAIMED = "claimed", "已认领"
    CONFIRMED = "confirmed", "已签约"
    IN_PROGRESS = "in_progress", "进行中"
    SUBMITTED = "submitted", "待审核"
    VERIFIED = "verified", "已核验"
    RELEASED = "released", "已退领"


class ScoreGrade(Term):
    """Domain rules 2.3: ≥ 90, ≥ 80, ≥ 60, below."""

    EXCELLENT = "excellent", "优秀"
    GOOD = "good", "良好"
    PASSED = "passed", "合格"
    RECTIFY = "rectify", "整改"


class RectificationStatus(Term):
    OPEN = "open", "整改中"
    REPORTED = "reported", "待回访"
    CLOSED = "closed", "已整改"


class RowOutcome(Term):
    """What importing one row of a claim list would do."""

    NEW = "new", "新增"
    CHANGED = "changed", "修改"
    SAME = "same", "无变化"
    WRONG = "wrong", "有错误"
