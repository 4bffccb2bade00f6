"""What every service says of its clocks: the stages of a working-day clock and the ladder they climb."""

from marshmallow import fields

from services.contracts.base import Term, View


class ClockStage(Term):
    """In the order in which they come."""

    RUNNING = "running", "办理中"
    DUE_SOON = "due_soon", "即将到期"
    OVERDUE = "overdue", "已逾期"
    ESCALATED = "escalated", "逾期督办"
    ESCALATED_TO_CITY = "escalated_to_city", "市级督办"

    @property
    def is_late(self) -> bool:
        return self not in (ClockStage.RUNNING, ClockStage.DUE_SOON)


# From so many working days left on (below nought: late). The day after the last day is late at once;
# three working days late go to the head of the community, five to the city.
LADDER: tuple[tuple[ClockStage, int], ...] = (
    (ClockStage.DUE_SOON, 2),
    (ClockStage.OVERDUE, -1),
    (ClockStage.ESCALATED, -3),
    (ClockStage.ESCALATED_TO_CITY, -5),
)


class ClockView(View):
    """`days_left` in working days, below nought when late; `record_id` is what one opens to act."""

    clock_id = fields.UUID()
    kind = fields.String()
    kind_label = fields.String()
    record_id = fields.UUID()
    community_id = fields.UUID(allow_none=True)
    community_name = fields.String()
    owner = fields.String()
    code = fields.String()
    title = fields.String()
    started_on = fields.Date()
    due_on = fields.Date()
    days_left = fields.Integer()
    stage = fields.Enum(ClockStage, by_value=True)
