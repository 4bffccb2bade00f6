"""The closed vocabularies of dual registration (双报到)."""

from services.contracts.base import Term


class RegistrationKind(Term):
    """Organisations report where their unit stands, members in service where they live."""

    ORGANISATION = "organisation", "单位党组织"
    MEMBER = "member", "在职党员"


class RegistrationStatus(Term):
    REPORTED = "reported", "已报到"
    ENDED = "ended", "已转出"


class EvaluationGrade(Term):
    """The four grades of the yearly 评议."""

    EXCELLENT = "excellent", "优秀"
    GOOD = "good", "合格"
    FAIR = "fair", "基本合格"
    POOR = "poor", "不合格"
