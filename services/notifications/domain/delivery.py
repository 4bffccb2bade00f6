"""One notice on its way to one recipient; nothing is handed out twice without a person's word.

    waiting ──start──► sending ──accept_part (last)──► sent
       ▲                 │ │
       │◄─refuse (retry)─┘ ├──refuse (final, or tried too often)──► failed ────┐
       │                   └──lose (no answer, or the process died)──► uncertain
       └──────────────────────────── resend (staff) ◄──────────────────────────┘

At most once, by choice: a channel cannot tell a repeated message from a new one, so what may have arrived
is `uncertain` and visible, and only what was surely refused is tried again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from services.contracts.notifications.errors import DeliveryNotResendable
from services.contracts.notifications.terms import Channel, DeliveryStatus

BACK_OFF = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
MOST_REFUSALS = 12
# Longer than any attempt can last (channels bound every one), so that an expired lease means a dead process.
LEASE = timedelta(minutes=4)
LONGEST_ERROR = 300

LOST = "发送进程在得到答复之前中断，是否送达不明。"
RECIPIENT_GONE = "订阅已取消。"


@dataclass(eq=False, kw_only=True)
class Delivery:
    """`attempts` numbers the attempts: an outcome that comes late is matched by it.

    `refusals` counts those in a row; `parts_sent` remembers how much of a split message was accepted.
    """

    delivery_id: UUID
    notice_id: UUID
    channel: Channel
    subscription_id: UUID | None
    recipient_key: str
    lane: str
    recipient: str
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.WAITING
    attempts: int = 0
    refusals: int = 0
    parts_sent: int = 0
    next_attempt_at: datetime | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    last_error: str = ""
    version: int = 1

    @classmethod
    def on_board(cls, *, delivery_id: UUID, notice_id: UUID, now: datetime) -> Self:
        """The board is this service's own table: standing there is being delivered."""
        return cls(
            delivery_id=delivery_id,
            notice_id=notice_id,
            channel=Channel.BOARD,
            subscription_id=None,
            recipient_key=str(Channel.BOARD),
            lane=str(Channel.BOARD),
            recipient=Channel.BOARD.label,
            created_at=now,
            status=DeliveryStatus.SENT,
            attempts=1,
            parts_sent=1,
            sent_at=now,
        )

    def start(self, *, now: datetime) -> int:
        """Hand out the next attempt; returns its number."""
        self.status = DeliveryStatus.SENDING
        self.attempts += 1
        self.next_attempt_at, self.lease_until = None, now + LEASE
        return self.attempts

    def is_attempt(self, attempt: int) -> bool:
        """Whether an outcome of that attempt still counts.

        It does even after the lease was taken for lost: then the truth came late, but it came.
        It does not once another attempt was handed out.
        """
        return self.attempts == attempt and self.status is not DeliveryStatus.SENT

    def accept_part(self, *, of: int, now: datetime) -> None:
        """The provider took one more part; with the last one the delivery is sent."""
        self.parts_sent += 1
        self.refusals = 0
        if self.parts_sent >= of:
            self.status = DeliveryStatus.SENT
            self.sent_at = now
            self.next_attempt_at, self.lease_until, self.last_error = None, None, ""
        else:
            self.status = DeliveryStatus.SENDING
            self.next_attempt_at, self.lease_until = None, now + LEASE

    def put_off(self, *, until: datetime) -> None:
        """Nothing was tried; the lane is full."""
        self.status = DeliveryStatus.WAITING
        self.next_attempt_at, self.lease_until = until, None

    def refuse(
        self,
        reason: str,
        *,
        may_retry: bool,
        retry_after: timedelta | None = None,
        jitter: float,
        now: datetime,
    ) -> None:
        """Surely not delivered: wait longer each time, and give up after the twelfth refusal.

        `jitter` from 0 to 1 spreads the retries of many deliveries over a fifth of the wait.
        """
        self.refusals += 1
        self.last_error = reason[:LONGEST_ERROR]
        self.lease_until = None
        if not may_retry or self.refusals >= MOST_REFUSALS:
            self.status, self.next_attempt_at = DeliveryStatus.FAILED, None
            return
        wait = BACK_OFF[min(self.refusals, len(BACK_OFF)) - 1]
        wait = max(wait, retry_after or wait)
        self.status = DeliveryStatus.WAITING
        self.next_attempt_at = now + wait * (1 + jitter / 5)

    def lose(self, reason: str = LOST) -> None:
        """It may have arrived: stop, and let a person decide."""
        self.status = DeliveryStatus.UNCERTAIN
        self.last_error = reason[:LONGEST_ERROR]
        self.next_attempt_at = self.lease_until = None

    def give_up(self, reason: str) -> None:
        self.status = DeliveryStatus.FAILED
        self.last_error = reason[:LONGEST_ERROR]
        self.next_attempt_at = self.lease_until = None

    @property
    def is_resendable(self) -> bool:
        return self.status in (DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)

    def resend(self, *, now: datetime) -> None:
        """A person decided that sending, perhaps again, does no harm; accepted parts stay accepted."""
        if not self.is_resendable:
            raise DeliveryNotResendable(f"投递状态为“{self.status.label}”，只能重发失败或结果不明的投递。")
        self.status = DeliveryStatus.WAITING
        self.refusals = 0
        self.next_attempt_at = now
