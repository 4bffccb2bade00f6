"""What claims shows of residents' needs."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.need_terms import NeedPriority, NeedSource, NeedStatus
from services.contracts.claims.terms import Category, ItemStatus, ServiceClass
from services.contracts.claims.views.item import HistoryEntry


class NeedRow(View):
    """A need as lists show it."""

    need_id = fields.UUID()
    code = fields.String()
    title = fields.String()
    community_id = fields.UUID()
    community_name = fields.String()
    source = fields.Enum(NeedSource, by_value=True)
    order_number = fields.String(allow_none=True)
    service_class = fields.Enum(ServiceClass, by_value=True, allow_none=True)
    category = fields.Enum(Category, by_value=True, allow_none=True)
    priority = fields.Enum(NeedPriority, by_value=True)
    status = fields.Enum(NeedStatus, by_value=True)
    received_at = fields.AwareDateTime()
    due_on = fields.Date()
    days_left = fields.Integer(
        allow_none=True, metadata={"description": "距答复期限的天数，负数为逾期；已有结果的为 null"}
    )
    version = fields.Integer()


class NeedPage(View):
    items = fields.List(fields.Nested(NeedRow))
    next = fields.String(allow_none=True)
    total = fields.Integer()


class NeedCounts(View):
    total = fields.Integer()
    overdue = fields.Integer()
    by_status = fields.Dict(keys=fields.String(), values=fields.Integer())


class NeedBrief(View):
    need_id = fields.UUID()
    code = fields.String()
    title = fields.String()


class SimilarNeed(NeedBrief):
    """`score`: how much of the wording is alike, in percent."""

    status = fields.Enum(NeedStatus, by_value=True)
    received_at = fields.AwareDateTime()
    score = fields.Integer()


class ItemOfNeed(View):
    item_id = fields.UUID()
    code = fields.String()
    title = fields.String()
    status = fields.Enum(ItemStatus, by_value=True)


class NeedView(NeedRow):
    """A need whole. `duplicates`: needs of the same community that read alike, the most alike first."""

    description = fields.String()
    place = fields.String()
    department = fields.String()
    reply = fields.String()
    item = fields.Nested(ItemOfNeed, allow_none=True)
    merged_into = fields.Nested(NeedBrief, allow_none=True)
    merged_from = fields.List(fields.Nested(NeedBrief))
    duplicates = fields.List(fields.Nested(SimilarNeed))
    history = fields.List(fields.Nested(HistoryEntry))
    possible_acts = fields.List(fields.String())


class TakenNeedView(View):
    """What whoever brought the need is told; the reference is shown here once and never again."""

    need_id = fields.UUID()
    code = fields.String()
    reference = fields.String()
    due_on = fields.Date()


class FollowedStep(View):
    at = fields.AwareDateTime()
    summary = fields.String()
    office = fields.String()


class FollowedItem(View):
    """What the public may know of the item; only its code while it is a draft."""

    item_id = fields.UUID()
    code = fields.String()
    is_published = fields.Boolean()
    title = fields.String()
    status = fields.Enum(ItemStatus, by_value=True)
    percent = fields.Integer()
    unit_names = fields.List(fields.String())
    score_total = fields.Decimal(as_string=True, allow_none=True)
    poll_score = fields.Decimal(as_string=True, allow_none=True)


class FollowedNeedView(View):
    """What the author sees: the steps, and what it became. After a merger those of the other need follow."""

    code = fields.String()
    title = fields.String()
    community_name = fields.String()
    status = fields.Enum(NeedStatus, by_value=True)
    category = fields.Enum(Category, by_value=True, allow_none=True)
    service_class = fields.Enum(ServiceClass, by_value=True, allow_none=True)
    received_at = fields.AwareDateTime()
    due_on = fields.Date()
    is_open = fields.Boolean()
    department = fields.String()
    reply = fields.String()
    item = fields.Nested(FollowedItem, allow_none=True)
    steps = fields.List(fields.Nested(FollowedStep))


class NeedPreviewRow(View):
    """`errors`: one Chinese sentence each; `is_known`: an order that is a need already."""

    row_number = fields.Integer()
    title = fields.String()
    is_known = fields.Boolean()
    errors = fields.List(fields.String())


class NeedPreviewView(View):
    rows = fields.List(fields.Nested(NeedPreviewRow))
    new = fields.Integer()
    known = fields.Integer()
    wrong = fields.Integer()


class NeedImportView(View):
    need_import_id = fields.UUID()
    file_name = fields.String()
    imported_at = fields.AwareDateTime()
    imported = fields.Integer()
    known = fields.Integer()
