"""What needs can be asked: one shape per door.

Acts of staff answer with the whole need as it now is (`views.NeedView`).
Telephone and identity numbers in a text are left out when the need is taken in: who sent it follows it by
its reference, and contact details are kept in notifications only.
"""

from marshmallow import fields, validate

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.commands.item import ItemFields, SheetRow
from services.contracts.claims.need_sheet import MOST_NEEDS
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.terms import Category, ServiceClass

# Long enough that nobody guesses one; without characters that people confuse.
REFERENCE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFERENCE_LENGTH = 12


class NeedFields(Schema):
    """`category` is the author's guess; triage decides. Without a title the text begins the title."""

    community_id = fields.UUID(required=True)
    title = text(most=100, required=False)
    description = text(most=2000)
    place = text(most=100, required=False)
    category = fields.Enum(Category, by_value=True, load_default=None, allow_none=True)


class RegisterNeed(NeedFields):
    """By staff, for somebody who came or called."""


class SubmitNeed(NeedFields):
    """By a resident on the public page, without an account."""


class ReceiveOrder(Schema):
    """An order of the 12345 hotline; the same order number twice is one need.

    The hotline names the community by its 12-digit code; `community_id` will do as well.
    `working_days` is the order's own period for the answer, where it has one.
    """

    order_number = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[0-9A-Za-z][0-9A-Za-z-]{3,39}\Z", error="工单号应为 4 至 40 位字母、数字或连字符。"
        ),
    )
    community_id = fields.UUID(load_default=None, allow_none=True)
    community_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^[0-9]{12}\Z", error="社区代码应为 12 位数字。"),
    )
    title = text(most=100)
    content = text(most=2000)
    place = text(most=100, required=False)
    received_at = fields.AwareDateTime(required=True)
    working_days = Whole(load_default=None, allow_none=True, validate=between(1, 60))


class PreviewNeeds(Schema):
    rows = fields.List(
        fields.Nested(SheetRow),
        required=True,
        validate=validate.Length(1, MOST_NEEDS, error="应有 {min} 至 {max} 行。"),
    )


class ImportNeeds(PreviewNeeds):
    """Importing the same file (by `file_hash`, SHA-256 in hex) twice is refused.

    All rows or none: `NeedsInvalid` names what is wrong as `rows.<row_number>.<column name>`.
    """

    file_name = text(most=200)
    file_hash = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))


class NeedFilter(Schema):
    community_id = fields.UUID(load_default=None, allow_none=True)
    category = fields.Enum(Category, by_value=True, load_default=None, allow_none=True)
    service_class = fields.Enum(ServiceClass, by_value=True, load_default=None, allow_none=True)
    source = fields.Enum(NeedSource, by_value=True, load_default=None, allow_none=True)
    priority = fields.Enum(NeedPriority, by_value=True, load_default=None, allow_none=True)
    q = text(most=50, required=False)


class ListNeeds(NeedFilter, Page):
    """Newest first; `is_overdue` narrows to needs without an answer past their day."""

    status = fields.Enum(NeedStatus, by_value=True, load_default=None, allow_none=True)
    is_overdue = Flag(load_default=False)


class CountNeeds(NeedFilter):
    """How many needs there are in each status, for tabs."""


class GetNeed(Schema):
    need_id = fields.UUID(required=True)


class FollowNeed(Schema):
    """By whoever has the reference; letters in any case, spaces and hyphens do not matter."""

    reference = text(most=40)


class NeedChange(Change):
    need_id = fields.UUID(required=True)


class TriageNeed(NeedChange):
    service_class = fields.Enum(ServiceClass, by_value=True, required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    priority = fields.Enum(NeedPriority, by_value=True, load_default=NeedPriority.NORMAL)


class MergeNeed(NeedChange):
    """Its author sees from now on what becomes of the other one."""

    into_need_id = fields.UUID(required=True)


class TurnNeedIntoItem(ItemFields, NeedChange):
    """Community, service class and category are the need's own.

    `description` is published with the item one day, so it is written anew and not copied.
    """

    class Meta(Schema.Meta):
        exclude = ("community_id", "service_class", "category")


class TurnNeedIntoMatter(NeedChange):
    reason = text(most=500)


class ReferNeed(NeedChange):
    """The clock goes on: the community that took the need in answers it, whoever does the work."""

    department = text(most=100)
    reason = text(most=500)


class AnswerNeed(NeedChange):
    """The author reads `reply`."""

    reply = text(most=2000)


class DeclineNeed(NeedChange):
    """The author reads the reason."""

    reason = text(most=500)
