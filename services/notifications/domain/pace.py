"""How fast one lane may be used: a group robot's twenty messages a minute, a mail server's rest."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.contracts.notifications.terms import Channel

MINUTE = timedelta(minutes=1)
# The provider answers 45009 above twenty messages a minute and robot (domain rules 6.4).
MOST_A_MINUTE = {Channel.WECOM: 20}


def lane_of(channel: Channel, recipient_key: str) -> str:
    """What is slow or limited together: each robot by itself, all mail by its one server."""
    return f"{channel}:{recipient_key}" if channel is Channel.WECOM else str(channel)


@dataclass(eq=False, kw_only=True)
class Pace:
    """Kept in the database, because all processes of the service use the same robot.

    The window slides: in no sixty seconds are there more messages than allowed,
    also not around the turn of a minute, as a counter per clock minute would let through.
    `free_at` is when the lane may be used again; senders skip its deliveries until then.
    """

    lane: str
    recent: list[datetime] = field(default_factory=list)
    free_at: datetime | None = None

    def reserve(self, *, now: datetime, most: int | None) -> bool:
        """Take one place in the running minute if there is one."""
        if self.free_at is not None and now < self.free_at:
            return False
        if most is None:
            return True
        recent = [at for at in self.recent if at > now - MINUTE]
        if len(recent) >= most:
            # Clocks of two hosts differ a little: the list may not be in order.
            self.recent, self.free_at = recent, min(recent) + MINUTE
            return False
        # A new list: a change in place would not be noticed and not be stored.
        self.recent = [*recent, now]
        self.free_at = min(self.recent) + MINUTE if len(self.recent) >= most else None
        return True

    def rest(self, *, until: datetime) -> None:
        if self.free_at is None or self.free_at < until:
            self.free_at = until
