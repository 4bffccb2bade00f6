"""The tables, and which class of the domain each one holds."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from services.chassis.keys import data_keys
from services.chassis.sealing import SealedColumn
from services.contracts.base import Term
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.notifications.domain.community import Community
from services.notifications.domain.consent import Consent
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.notice import Notice
from services.notifications.domain.pace import Pace
from services.notifications.domain.subscription import Subscription

registry = orm.registry()
metadata = registry.metadata
data_keys.to_metadata(metadata)

_MOMENT = sa.DateTime(timezone=True)


class TermText(sa.types.TypeDecorator[Term]):
    """A term by its value, as text: a new word needs no migration of a database type."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, term: type[Term]) -> None:
        super().__init__()
        self.term = term
        self._known = {member.value: member for member in term}

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(self._known[value])

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Term | None:
        return None if value is None else self._known[value]


communities = sa.Table(
    "communities",
    metadata,
    sa.Column("community_id", sa.Uuid, primary_key=True),
    sa.Column("community_name", sa.Text, nullable=False),
    sa.Column("known_at", _MOMENT, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("notice_id", sa.Uuid, primary_key=True),
    sa.Column("source_event_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    # No foreign key: the event of an item may overtake the one that tells of its community.
    sa.Column("community_id", sa.Uuid),
    sa.Column("item_id", sa.Uuid),
    sa.Column("published_at", _MOMENT, nullable=False),
)
sa.Index("notices_newest", notices.c.published_at, notices.c.notice_id)
sa.Index("notices_of_community", notices.c.community_id, notices.c.published_at, notices.c.notice_id)
sa.Index("notices_of_item", notices.c.item_id, notices.c.published_at, notices.c.notice_id)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("subscription_id", sa.Uuid, primary_key=True),
    sa.Column("channel", TermText(Channel), nullable=False),
    sa.Column("sealed_address", sa.LargeBinary),
    sa.Column("masked_address", sa.Text, nullable=False),
    sa.Column("recipient_key", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("community_id", sa.Uuid),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Column("removed_at", _MOMENT),
)
sa.Index(
    "subscriptions_once",
    subscriptions.c.channel,
    subscriptions.c.recipient_key,
    subscriptions.c.community_id,
    unique=True,
    postgresql_where=subscriptions.c.removed_at.is_(None),
    postgresql_nulls_not_distinct=True,
)
sa.Index("subscriptions_newest", subscriptions.c.created_at, subscriptions.c.subscription_id)
addresses = SealedColumn(subscriptions.c.sealed_address, purpose="notifications.address")

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("consent_id", sa.Uuid, primary_key=True),
    sa.Column("subscription_id", sa.ForeignKey(subscriptions.c.subscription_id), nullable=False),
    sa.Column("text_version", sa.Text, nullable=False),
    sa.Column("given_at", _MOMENT, nullable=False),
    sa.Column("withdrawn_at", _MOMENT),
    sa.UniqueConstraint("subscription_id", name="consents_once"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("delivery_id", sa.Uuid, primary_key=True),
    sa.Column("notice_id", sa.ForeignKey(notices.c.notice_id), nullable=False),
    sa.Column("channel", TermText(Channel), nullable=False),
    sa.Column("subscription_id", sa.ForeignKey(subscriptions.c.subscription_id)),
    sa.Column("recipient_key", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Column("status", TermText(DeliveryStatus), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("refusals", sa.Integer, nullable=False),
    sa.Column("parts_sent", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", _MOMENT),
    sa.Column("lease_until", _MOMENT),
    sa.Column("sent_at", _MOMENT),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("notice_id", "channel", "recipient_key", name="deliveries_once"),
)
_is_waiting = deliveries.c.status == DeliveryStatus.WAITING
sa.Index("deliveries_due", deliveries.c.channel, deliveries.c.next_attempt_at, postgresql_where=_is_waiting)
sa.Index(
    "deliveries_leased",
    deliveries.c.lease_until,
    postgresql_where=deliveries.c.status == DeliveryStatus.SENDING,
)
sa.Index("deliveries_newest", deliveries.c.created_at, deliveries.c.delivery_id)
sa.Index("deliveries_of_subscription", deliveries.c.subscription_id, postgresql_where=_is_waiting)

paces = sa.Table(
    "paces",
    metadata,
    sa.Column("lane", sa.Text, primary_key=True),
    sa.Column("recent", pg.ARRAY(_MOMENT), nullable=False),
    sa.Column("free_at", _MOMENT),
)

registry.map_imperatively(Community, communities)
registry.map_imperatively(Notice, notices)
registry.map_imperatively(Subscription, subscriptions)
registry.map_imperatively(Consent, consents)
registry.map_imperatively(Delivery, deliveries, version_id_col=deliveries.c.version)
registry.map_imperatively(Pace, paces)
