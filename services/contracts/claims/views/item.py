"""What claims shows."""

from marshmallow import fields

from services.contracts.base import View
from services.contracts.claims.terms import (
    Category,
    ClaimKind,
    ClaimStatus,
    ItemStatus,
    ItemWay,
    RectificationStatus,
    RowOutcome,
    ScoreGrade,
    ServiceClass,
    Support,
)
from services.contracts.claims.views.scoring import AssessingView


class UnitBrief(View):
    unit_id = fields.UUID()
    unit_name = fields.String()


class MilestoneView(View):
    milestone_id = fields.UUID()
    milestone_title = fields.String()
    percent = fields.Integer()
    note = fields.String()
    reported_at = fields.AwareDateTime()


class EvidenceView(View):
    """What a kept file is; `size` in bytes."""

    evidence_id = fields.UUID()
    milestone_id = fields.UUID(allow_none=True)
    file_name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    attached_at = fields.AwareDateTime()
    is_public = fields.Boolean()


class ClaimView(View):
    """`units`: the lead first, then those who support."""

    claim_id = fields.UUID()
    kind = fields.Enum(ClaimKind, by_value=True)
    quantity = fields.Integer()
    status = fields.Enum(ClaimStatus, by_value=True)
    units = fields.List(fields.Nested(UnitBrief))
    percent = fields.Integer()
    note = fields.String()
    agreement = fields.String()
    summary = fields.String()
    claimed_at = fields.AwareDateTime()
    submitted_at = fields.AwareDateTime(allow_none=True)
    verified_at = fields.AwareDateTime(allow_none=True)
    milestones = fields.List(fields.Nested(MilestoneView))
    evidence = fields.List(fields.Nested(EvidenceView))
    possible_acts = fields.List(fields.String())


class PollResultView(View):
    poll_id = fields.UUID()
    sampled = fields.Integer()
    answered = fields.Integer()
    satisfaction_percent = fields.Decimal(as_string=True, allow_none=True)
    score = fields.Decimal(as_string=True, allow_none=True)
    is_sample_sufficient = fields.Boolean()


class ScoreView(View):
    assessment = fields.Decimal(as_string=True, allow_none=True)
    poll = fields.Decimal(as_string=True, allow_none=True)
    timeliness = fields.Decimal(as_string=True, allow_none=True)
    total = fields.Decimal(as_string=True, allow_none=True)
    grade = fields.Enum(ScoreGrade, by_value=True, allow_none=True)
    explanation = fields.List(fields.String())


class CommendationView(View):
    commendation_id = fields.UUID()
    reason = fields.String()
    commended_at = fields.AwareDateTime()
    objection_until_on = fields.Date()
    revoked_at = fields.AwareDateTime(allow_none=True)
    revoked_reason = fields.String()


class ObjectionView(View):
    """`is_upheld` is null until it is answered."""

    objection_id = fields.UUID()
    content = fields.String()
    raised_at = fields.AwareDateTime()
    answer = fields.String()
    is_upheld = fields.Boolean(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


class RectificationView(View):
    rectification_id = fields.UUID()
    status = fields.Enum(RectificationStatus, by_value=True)
    opened_at = fields.AwareDateTime()
    due_on = fields.Date()
    rounds = fields.Integer()
    report = fields.String()
    reported_at = fields.AwareDateTime(allow_none=True)
    call_back = fields.String()
    closed_at = fields.AwareDateTime(allow_none=True)


class HistoryEntry(View):
    """One line of a record's history: who did what when, and what it changed."""

    at = fields.AwareDateTime()
    actor_name = fields.String()
    act = fields.String()
    summary = fields.String()
    changes = fields.Dict()


class ItemRow(View):
    """An item as lists show it."""

    item_id = fields.UUID()
    code = fields.String()
    title = fields.String()
    community_id = fields.UUID()
    community_name = fields.String()
    service_class = fields.Enum(ServiceClass, by_value=True)
    category = fields.Enum(Category, by_value=True)
    status = fields.Enum(ItemStatus, by_value=True)
    quantity = fields.Integer()
    remaining = fields.Integer()
    measure = fields.String()
    percent = fields.Integer()
    due_on = fields.Date()
    days_left = fields.Integer(
        allow_none=True, metadata={"description": "距办结期限的天数，负数为逾期；草稿和核验通过后为 null"}
    )
    unit_names = fields.List(fields.String())
    score_total = fields.Decimal(as_string=True, allow_none=True)
    poll_score = fields.Decimal(as_string=True, allow_none=True)
    version = fields.Integer()


class ItemPage(View):
    items = fields.List(fields.Nested(ItemRow))
    next = fields.String(allow_none=True)
    total = fields.Integer()


class SheetPage(View):
    """Rows of the sheet: column name -> text, as `sheet.COLUMNS` lists them."""

    items = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))
    next = fields.String(allow_none=True)


class ItemCounts(View):
    total = fields.Integer()
    overdue = fields.Integer()
    by_status = fields.Dict(keys=fields.String(), values=fields.Integer())


class ItemView(ItemRow):
    """An item whole, with its claims, score and history."""

    claim_list_id = fields.UUID(allow_none=True)
    need_id = fields.UUID(allow_none=True)
    resolution_id = fields.UUID(allow_none=True)
    plan_reference = fields.String()
    description = fields.String()
    beneficiaries = fields.Integer()
    budget_fen = fields.Integer()
    supports = fields.List(fields.Enum(Support, by_value=True))
    place = fields.String()
    grid_code = fields.String()
    party_study_on = fields.Date(allow_none=True)
    published_at = fields.AwareDateTime(allow_none=True)
    claim_until_on = fields.Date(allow_none=True)
    verified_at = fields.AwareDateTime(allow_none=True)
    expired_at = fields.AwareDateTime(allow_none=True)
    unclaimed_quantity = fields.Integer()
    withdrawn_at = fields.AwareDateTime(allow_none=True)
    withdrawn_reason = fields.String()
    way = fields.Enum(ItemWay, by_value=True, allow_none=True)
    purchase_id = fields.UUID(allow_none=True)
    fund_id = fields.UUID(allow_none=True)
    claims = fields.List(fields.Nested(ClaimView))
    poll = fields.Nested(PollResultView, allow_none=True)
    score = fields.Nested(ScoreView, allow_none=True)
    assessing = fields.Nested(AssessingView, allow_none=True)
    commendation = fields.Nested(CommendationView, allow_none=True)
    objections = fields.List(fields.Nested(ObjectionView))
    rectification = fields.Nested(RectificationView, allow_none=True)
    history = fields.List(fields.Nested(HistoryEntry))
    revisable_fields = fields.List(fields.String())
    possible_acts = fields.List(fields.String())


class SuggestionReason(View):
    """`points` of at most `most`; `because` says from which facts they come."""

    name = fields.String()
    points = fields.Decimal(as_string=True)
    most = fields.Integer()
    because = fields.String()


class SuggestionView(View):
    """`points` of 100: the sum of the reasons'."""

    unit_id = fields.UUID()
    unit_name = fields.String()
    points = fields.Decimal(as_string=True)
    reasons = fields.List(fields.Nested(SuggestionReason))


class SuggestionList(View):
    """`weights_since_on`: from when on the weights hold by which the points are counted."""

    items = fields.List(fields.Nested(SuggestionView))
    weights_since_on = fields.Date()


class PreviewRow(View):
    """`differences`: label of the field -> [now, in the file]; `errors`: one Chinese sentence each."""

    row_number = fields.Integer()
    code = fields.String()
    title = fields.String()
    outcome = fields.Enum(RowOutcome, by_value=True)
    errors = fields.List(fields.String())
    differences = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class PreviewView(View):
    rows = fields.List(fields.Nested(PreviewRow))
    new = fields.Integer()
    changed = fields.Integer()
    same = fields.Integer()
    wrong = fields.Integer()


class ClaimListView(View):
    claim_list_id = fields.UUID()
    title = fields.String()
    file_name = fields.String()
    imported_at = fields.AwareDateTime()
    imported_by = fields.String()
    item_count = fields.Integer()
    draft_count = fields.Integer()
    undone_at = fields.AwareDateTime(allow_none=True)
    undone_by = fields.String()
    undo_reason = fields.String()
    version = fields.Integer()


class ClaimListPage(View):
    items = fields.List(fields.Nested(ClaimListView))
    next = fields.String(allow_none=True)


class PublishedView(View):
    published = fields.Integer()
