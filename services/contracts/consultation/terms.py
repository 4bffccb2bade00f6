"""The closed vocabularies of consultation."""

from services.contracts.base import Term


class PollStatus(Term):
    OPEN = "open", "进行中"
    CLOSED = "closed", "已结束"


class Satisfaction(Term):
    """The five grades of GB/T 39735; the last two are bad ratings (domain rules 2.3)."""

    VERY_SATISFIED = "very_satisfied", "非常满意"
    SATISFIED = "satisfied", "满意"
    FAIRLY_SATISFIED = "fairly_satisfied", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    VERY_DISSATISFIED = "very_dissatisfied", "非常不满意"
