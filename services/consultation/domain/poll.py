"""A poll of residents on one completed item (民意测验)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.consultation.domain.tally import Tally, percent
from services.contracts.base import Actor, VersionMismatch
from services.contracts.consultation.errors import PollClosedAlready
from services.contracts.consultation.events import PollClosed, PollOpened
from services.contracts.consultation.terms import PollStatus, Satisfaction


@dataclass(eq=False, kw_only=True)
class Poll:
    """`counts` stays None until the poll is closed: nobody sees how it stands while people still answer.

    `seed` with the roll at `opened_at` gives the same sample again (see `sampling`).
    """

    poll_id: UUID
    item_id: UUID
    community_id: UUID
    title: str
    seed: str
    sampled: int
    least_sample: int
    opened_at: datetime
    closes_at: datetime
    status: PollStatus = PollStatus.OPEN
    closed_at: datetime | None = None
    counts: dict[str, int] | None = None
    version: int = 1

    def opened(self) -> PollOpened:
        """The news of its opening."""
        return PollOpened(
            occurred_at=self.opened_at,
            poll_id=self.poll_id,
            item_id=self.item_id,
            community_id=self.community_id,
            title=self.title,
            sampled=self.sampled,
            closes_at=self.closes_at,
        )

    def is_open(self, *, now: datetime) -> bool:
        return self.status is PollStatus.OPEN and now < self.closes_at

    def possible_acts(self, *, actor: Actor) -> list[str]:
        if self.status is PollStatus.CLOSED or not (actor.is_staff and actor.reaches(self.community_id)):
            return []
        return ["list_invitations", "close_poll"]

    def require_unclosed(self) -> None:
        if self.status is PollStatus.CLOSED:
            raise PollClosedAlready("这次民意测验已经结束。")

    def require_version(self, expected_version: int | None) -> None:
        if expected_version is not None and expected_version != self.version:
            raise VersionMismatch("民意测验已有变化，请刷新后重试。")

    def close(self, counts: Mapping[Satisfaction, int], *, now: datetime) -> PollClosed:
        """Count once, for good. `counts` are all answers given; the caller keeps others from being added."""
        self.require_unclosed()
        self.status = PollStatus.CLOSED
        self.closed_at = now
        self.counts = {grade.value: counts.get(grade, 0) for grade in Satisfaction}
        self.version += 1
        tally = Tally(counts)
        return PollClosed(
            occurred_at=now,
            poll_id=self.poll_id,
            item_id=self.item_id,
            community_id=self.community_id,
            title=self.title,
            sampled=self.sampled,
            answered=tally.answered,
            satisfaction_percent=tally.satisfaction_percent,
            score=tally.score,
            is_sample_sufficient=self.is_sample_sufficient(tally.answered),
        )

    def is_sample_sufficient(self, answered: int) -> bool:
        return answered >= self.least_sample

    def turnout_percent(self, answered: int) -> Decimal | None:
        return percent(answered, self.sampled)

    @property
    def tally(self) -> Tally | None:
        if self.counts is None:
            return None
        return Tally({grade: self.counts[grade] for grade in Satisfaction})
