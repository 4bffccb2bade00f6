"""Who hears of a community's notices: addresses, their form, and how little of them is shown."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from services.contracts.base import Actor
from services.contracts.notifications.errors import AddressInvalid
from services.contracts.notifications.terms import Channel

_ROBOT_KEY = re.compile(r"[0-9A-Za-z_-]{16,128}")
# Deliberately ASCII: SMTPUTF8 mailboxes are not met in the field, and few servers relay to them.
_MAIL_ADDRESS = re.compile(
    r"(?=.{6,200}\Z)[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])"
)

FORGOTTEN = "已删除的收件人"
# Network logs, of which deliveries are some, are kept for six months (Cybersecurity Law).
KEPT_AFTER_REMOVAL = timedelta(days=183)


@dataclass(eq=False, kw_only=True)
class Subscription:
    """`community_id` None: notices of every community.

    The address itself is kept encrypted by storage and only opened to send to it.
    `recipient_key` is its keyed hash: it tells whether two subscriptions mean the same recipient.
    Removing wipes the address; the row stays, because deliveries name it.
    """

    subscription_id: UUID
    channel: Channel
    sealed_address: bytes | None
    masked_address: str
    recipient_key: str
    label: str
    community_id: UUID | None
    created_at: datetime
    removed_at: datetime | None = None

    @property
    def is_removed(self) -> bool:
        return self.removed_at is not None

    def remove(self, *, now: datetime) -> None:
        self.sealed_address, self.masked_address, self.removed_at = None, "", now

    def correct(self, *, sealed_address: bytes, masked_address: str, recipient_key: str) -> None:
        """A robot is no person: whoever typed its key wrong adds it anew."""
        if self.channel is not Channel.EMAIL:
            raise AddressInvalid("只能更正电子邮箱；群机器人请重新添加。")
        self.sealed_address, self.masked_address = sealed_address, masked_address
        self.recipient_key = recipient_key

    def forget(self) -> None:
        """What still tells of the recipient goes too; the row only counts from now on."""
        self.recipient_key, self.label = f"forgotten:{self.subscription_id}", FORGOTTEN


def require_staff(actor: Actor, community_id: UUID | None) -> None:
    """Staff of the community; only the city where every community is meant."""
    if community_id is None:
        actor.require_city()
    else:
        actor.require_staff_of(community_id)


def normal_address(channel: Channel, address: str) -> str:
    """The one spelling of an address; people may paste a robot's whole webhook address.

    Mail addresses are taken as case-insensitive: no provider met tells `Li@` from `li@`,
    and the same person must not get a notice twice.
    """
    address = address.strip()
    if channel is Channel.WECOM:
        if "://" in address:
            address = "".join(parse_qs(urlsplit(address).query).get("key", [""])[:1])
        if not _ROBOT_KEY.fullmatch(address):
            raise AddressInvalid("群机器人的 key 不正确，应为 webhook 地址中 key= 之后的部分。")
        return address
    address = address.lower()
    if not _MAIL_ADDRESS.fullmatch(address):
        raise AddressInvalid("电子邮箱地址不正确。")
    return address
