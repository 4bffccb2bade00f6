"""What notifications can be asked: one shape per door."""

from marshmallow import fields, validate

from services.contracts.base import Page, Schema, text
from services.contracts.notifications.terms import Channel, DeliveryStatus
from services.contracts.personal import CorrectField, Kind, PersonAsked, UnmaskField, marked


class ListNotices(Page):
    community_id = fields.UUID(load_default=None, allow_none=True)
    item_id = fields.UUID(load_default=None, allow_none=True)


class GetNotice(Schema):
    notice_id = fields.UUID(required=True)


class ListDeliveries(Page):
    notice_id = fields.UUID(load_default=None, allow_none=True)
    item_id = fields.UUID(load_default=None, allow_none=True)
    status = fields.Enum(DeliveryStatus, by_value=True, load_default=None, allow_none=True)


class ResendDelivery(Schema):
    """For a failed or uncertain delivery; a person decides that sending twice would do no harm."""

    delivery_id = fields.UUID(required=True)


class AddSubscription(Schema):
    """Who hears of a community's notices (of every community when none is named), and how.

    The address is a robot's key for `wecom`, a mail address for `email`.
    """

    channel = fields.Enum(
        Channel,
        by_value=True,
        required=True,
        validate=validate.OneOf([Channel.WECOM, Channel.EMAIL], error="此渠道不需要订阅。"),
    )
    address = text(most=200, metadata=marked(Kind.EMAIL))
    label = text(most=50)
    community_id = fields.UUID(load_default=None, allow_none=True)


class RemoveSubscription(Schema):
    subscription_id = fields.UUID(required=True)


class ListSubscriptions(Page):
    community_id = fields.UUID(load_default=None, allow_none=True)


class Unmask(UnmaskField):
    field = fields.String(required=True, validate=validate.OneOf(["address"], error="此字段不能查看原文。"))


class ShowConsent(Schema):
    """What stands behind the link of a letter."""

    token = text(most=100)


class WithdrawConsent(Schema):
    """By the link of a letter: nothing more is sent, and the address is wiped."""

    token = text(most=100)


class GatherPersonal(PersonAsked):
    """Everything held about a person, whole, for the person's own request."""


class ErasePersonal(PersonAsked):
    """Remove or anonymise everything held about a person, as far as the law allows."""


class CorrectPersonal(CorrectField):
    """What the personal desk has found to be wrong, for the person's own request."""

    field = fields.String(
        required=True,
        validate=validate.OneOf(["address"], error="此字段不能更正。"),
    )
