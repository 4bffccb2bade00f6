"""A volunteer's place in a shift, from enrolling to confirmed minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.contracts.claims.errors import EnrolmentNotInState
from services.contracts.claims.volunteer_terms import EnrolmentStatus


@dataclass(frozen=True, kw_only=True)
class EnrolmentAct:
    label: str
    states: frozenset[EnrolmentStatus]
    leads_to: EnrolmentStatus


# Who holds one of the slots, and whom nobody else may ask to be elsewhere at that time.
HOLDING = frozenset(
    {
        EnrolmentStatus.ENROLLED,
        EnrolmentStatus.SIGNED_IN,
        EnrolmentStatus.SIGNED_OUT,
        EnrolmentStatus.CONFIRMED,
        EnrolmentStatus.ABSENT,
    }
)
BOUND = frozenset(
    {
        EnrolmentStatus.ENROLLED,
        EnrolmentStatus.WAITING,
        EnrolmentStatus.SIGNED_IN,
        EnrolmentStatus.SIGNED_OUT,
    }
)
ENROLMENT_ACTS: dict[str, EnrolmentAct] = {
    "withdraw_from_shift": EnrolmentAct(
        label="退出班次",
        states=frozenset({EnrolmentStatus.ENROLLED, EnrolmentStatus.WAITING}),
        leads_to=EnrolmentStatus.WITHDRAWN,
    ),
    "sign_in_volunteer": EnrolmentAct(
        label="签到", states=frozenset({EnrolmentStatus.ENROLLED}), leads_to=EnrolmentStatus.SIGNED_IN
    ),
    "sign_out_volunteer": EnrolmentAct(
        label="签退", states=frozenset({EnrolmentStatus.SIGNED_IN}), leads_to=EnrolmentStatus.SIGNED_OUT
    ),
}


@dataclass(eq=False, kw_only=True)
class Enrolment:
    """`number` is the place in the order in which people came; hours are kept as whole minutes.

    `starts_at` and `ends_at` are the shift's, so that the database can refuse to have one person in two places.
    """

    enrolment_id: UUID
    shift_id: UUID
    volunteer_id: UUID
    number: int
    status: EnrolmentStatus
    starts_at: datetime
    ends_at: datetime
    enrolled_at: datetime
    signed_in_at: datetime | None = None
    signed_out_at: datetime | None = None
    minutes: int | None = None

    @property
    def is_holding(self) -> bool:
        return self.status in HOLDING

    @property
    def is_bound(self) -> bool:
        return self.status in BOUND

    @property
    def minutes_by_signatures(self) -> int | None:
        """Whole minutes between signing in and out, never more than the shift is long."""
        if self.signed_in_at is None or self.signed_out_at is None:
            return None
        length = (self.ends_at - self.starts_at) // timedelta(minutes=1)
        return min(length, (self.signed_out_at - self.signed_in_at) // timedelta(minutes=1))

    @property
    def minutes_known(self) -> int | None:
        return self.minutes_by_signatures if self.minutes is None else self.minutes

    def move(self, act: str, *, code: str) -> None:
        rule = ENROLMENT_ACTS[act]
        if self.status not in rule.states:
            raise EnrolmentNotInState(f"志愿者 {code} 在本班次为「{self.status.label}」，不能{rule.label}。")
        self.status = rule.leads_to

    def settle(self, minutes: int | None) -> None:
        """The end of a shift for this volunteer; `minutes` None: whoever never came, or never got a slot."""
        if self.status is EnrolmentStatus.WAITING:
            self.status = EnrolmentStatus.PASSED_OVER
        elif self.is_holding:
            self.minutes = minutes or 0
            self.status = EnrolmentStatus.CONFIRMED if self.minutes else EnrolmentStatus.ABSENT
