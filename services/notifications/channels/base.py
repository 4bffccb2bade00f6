"""What every channel is, and the two ways in which sending may not succeed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.contracts.notifications.terms import Channel as ChannelTerm


class Refused(Exception):
    """Surely not delivered: the provider said no, or never got the request.

    `may_retry` False: the address or the message itself is wrong, and trying again cannot help.
    `rest`: the provider as a whole is not well; leave its lane alone for so long.
    """

    def __init__(self, reason: str, *, may_retry: bool, rest: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_retry = may_retry
        self.rest = rest


class Uncertain(Exception):
    """The request went out and no clear answer came back: it may have been delivered or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Message:
    """One thing to hand over; `message_id` stays the same through all attempts."""

    message_id: UUID
    title: str
    text: str
    written_at: datetime


class Channel(Protocol):
    term: ChannelTerm

    def split(self, message: Message) -> Sequence[Message]:
        """The message in parts the provider takes; the same message always gives the same parts."""

    def send(self, address: str, part: Message) -> None:
        """Returns once the provider has accepted the part; raises `Refused` or `Uncertain`.

        Ends within two minutes, whatever the other side does.
        """
