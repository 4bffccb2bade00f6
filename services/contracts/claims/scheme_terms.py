"""The closed vocabularies of assessment schemes (考核方案) and of periods."""

from services.contracts.base import Term


class SchemeStatus(Term):
    DRAFT = "draft", "草案"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


class ScorerKind(Term):
    """Who gives a part of the assessment."""

    COMMUNITY = "community", "社区"
    CITY = "city", "市级"


class ItemWeighting(Term):
    """How a unit's items of a period are put together."""

    EQUAL = "equal", "每项同等"
    BENEFICIARIES = "beneficiaries", "按受益人数"


class PeriodKind(Term):
    QUARTER = "quarter", "季度"
    YEAR = "year", "年度"


class ResultStatus(Term):
    """Where a unit's result of a period stands."""

    OPEN = "open", "评分中"
    FROZEN = "frozen", "已评定"
    REVIEW = "review", "复核中"
    COMMENDED = "commended", "已表扬"
