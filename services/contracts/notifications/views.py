"""What notifications shows."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.contracts.personal import Kind, Personal


class NoticeView(View):
    notice_id = fields.UUID()
    kind = fields.String(metadata={"description": "引发公告的事件名"})
    title = fields.String()
    body = fields.String()
    community_id = fields.UUID(allow_none=True)
    community_name = fields.String()
    item_id = fields.UUID(allow_none=True)
    published_at = fields.AwareDateTime()


class NoticePage(View):
    items = fields.List(fields.Nested(NoticeView))
    next = fields.String(allow_none=True)


class DeliveryView(View):
    """`recipient` is the subscription's label, never its address."""

    delivery_id = fields.UUID()
    notice_id = fields.UUID()
    title = fields.String()
    channel = fields.Enum(Channel, by_value=True)
    recipient = fields.String()
    status = fields.Enum(DeliveryStatus, by_value=True)
    attempts = fields.Integer()
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    last_error = fields.String()
    possible_acts = fields.List(fields.String())


class DeliveryPage(View):
    items = fields.List(fields.Nested(DeliveryView))
    next = fields.String(allow_none=True)


class SubscriptionView(View):
    subscription_id = fields.UUID()
    channel = fields.Enum(Channel, by_value=True)
    address = Personal(Kind.EMAIL)
    label = fields.String()
    community_id = fields.UUID(allow_none=True)


class SubscriptionPage(View):
    items = fields.List(fields.Nested(SubscriptionView))
    next = fields.String(allow_none=True)


class ConsentView(View):
    """What a person sees behind the link of a letter."""

    address = Personal(Kind.EMAIL)
    community_name = fields.String()
    text_version = fields.String()
    given_at = fields.AwareDateTime()
    withdrawn_at = fields.AwareDateTime(allow_none=True)
