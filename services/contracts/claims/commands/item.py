"""What claims can be asked: one shape per door.

Acts on one item or claim answer with the whole item as it now is (`views.ItemView`);
`possible_acts` there names the doors that are open to the actor.
"""

from marshmallow import fields, validate

from services.contracts.base import Change, Flag, Page, Schema, Whole, between, text
from services.contracts.claims.dashboard_terms import Figure, period_field
from services.contracts.claims.terms import (
    Category,
    ClaimKind,
    ItemStatus,
    ServiceClass,
    Support,
)


class ItemWritten(Schema):
    """What a person writes of an item and may revise later; money in fen."""

    title = text(most=100)
    service_class = fields.Enum(ServiceClass, by_value=True, required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    description = text(most=2000, required=False)
    beneficiaries = Whole(required=True, validate=between(1, 10_000_000))
    quantity = Whole(required=True, validate=between(1, 1_000_000))
    measure = text(most=10)
    budget_fen = Whole(load_default=0, validate=between(0, 10**12))
    supports = fields.List(
        fields.Enum(Support, by_value=True), load_default=list, validate=validate.Length(max=4)
    )
    place = text(most=100, required=False)
    grid_code = fields.String(
        load_default="", validate=validate.Regexp(r"^(\d{15})?\Z", error="网格编码应为 15 位数字。")
    )
    due_on = fields.Date(required=True)


class ItemFields(ItemWritten):
    community_id = fields.UUID(required=True)


class CreateItem(ItemFields):
    """Where it comes from, if not from a need: a resolution by its id, a plan by its number or name."""

    resolution_id = fields.UUID(load_default=None, allow_none=True)
    plan_reference = text(most=100, required=False)


class SheetRow(Schema):
    """One row as read from a file: its number there, and its cells as text by column name."""

    row_number = Whole(required=True, validate=between(1, 2_000_000))
    cells = fields.Dict(
        keys=fields.String(validate=validate.Length(max=40)),
        values=fields.String(allow_none=True, validate=validate.Length(max=5000)),
        required=True,
    )


class PreviewClaimList(Schema):
    rows = fields.List(
        fields.Nested(SheetRow), required=True, validate=validate.Length(1, 5000, error="应有 1 至 5000 行。")
    )


class ImportClaimList(PreviewClaimList):
    """Importing the same file (by `file_hash`, SHA-256 in hex) twice is refused.

    All rows or none: `ClaimListInvalid` names what is wrong as `rows.<row_number>.<column name>`.
    """

    title = text(most=100)
    file_name = text(most=200)
    file_hash = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))


class PublishClaimList(Schema):
    claim_list_id = fields.UUID(required=True)
    party_study_on = fields.Date(required=True)
    claim_until_on = fields.Date(required=True)


class UndoClaimList(Schema):
    """Takes an import back as a whole, while none of its items has been changed or published since."""

    claim_list_id = fields.UUID(required=True)
    reason = text(most=500)


class PublishItem(Change):
    """Also publishes again what was not claimed in its period; then `due_on` may set a later deadline."""

    item_id = fields.UUID(required=True)
    party_study_on = fields.Date(required=True)
    claim_until_on = fields.Date(required=True)
    due_on = fields.Date(load_default=None, allow_none=True)


class ReviseItem(ItemWritten, Change):
    """All that is written of it, as it shall be from now on; `reason` is public, and only a draft needs none.

    Once somebody took it on, only `ItemView.revisable_fields` may differ, and `due_on` only be later.
    """

    item_id = fields.UUID(required=True)
    reason = text(most=500, required=False)


class ListClaimLists(Page): ...


class ItemFilter(Schema):
    """`period`: published in it; `figure`: counted by that figure of the dashboard."""

    community_id = fields.UUID(load_default=None, allow_none=True)
    category = fields.Enum(Category, by_value=True, load_default=None, allow_none=True)
    service_class = fields.Enum(ServiceClass, by_value=True, load_default=None, allow_none=True)
    unit_id = fields.UUID(load_default=None, allow_none=True)
    claim_list_id = fields.UUID(load_default=None, allow_none=True)
    q = text(most=50, required=False)
    due_from_on = fields.Date(load_default=None, allow_none=True)
    due_to_on = fields.Date(load_default=None, allow_none=True)
    period = period_field()
    figure = fields.Enum(Figure, by_value=True, load_default=None, allow_none=True)


class ListItems(ItemFilter, Page):
    """Newest code first; `is_overdue` narrows to unfinished items past their day."""

    status = fields.Enum(ItemStatus, by_value=True, load_default=None, allow_none=True)
    is_overdue = Flag(load_default=False)


class ExportItems(ListItems):
    """The same items as rows of the sheet (`sheet.COLUMNS`), in larger pages."""

    limit = Whole(load_default=500, validate=between(1, 1000))


class CountItems(ItemFilter):
    """How many items there are in each status, for tabs."""


class GetItem(Schema):
    item_id = fields.UUID(required=True)


class SuggestUnits(Schema):
    """Units that could claim the item, the best first, with the reasons."""

    item_id = fields.UUID(required=True)
    limit = Whole(load_default=5, validate=between(1, 50))


class ClaimItem(Schema):
    """`quantity` is only for a partial claim; whole and joint claims take all there is."""

    item_id = fields.UUID(required=True)
    kind = fields.Enum(ClaimKind, by_value=True, load_default=ClaimKind.WHOLE)
    quantity = Whole(load_default=None, allow_none=True, validate=between(1, 1_000_000))
    unit_id = fields.UUID(required=True)
    supporting_unit_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=20))
    note = text(most=500, required=False)


class ClaimStep(Schema):
    item_id = fields.UUID(required=True)
    claim_id = fields.UUID(required=True)


class ConfirmClaim(ClaimStep):
    agreement = text(most=100, required=False)


class ReportMilestone(ClaimStep):
    milestone_title = text(most=100)
    percent = Whole(required=True, validate=between(1, 100))
    note = text(most=1000, required=False)


class SubmitClaim(ClaimStep):
    summary = text(most=2000)


class SendBackClaim(ClaimStep):
    reason = text(most=500)


class VerifyClaim(ClaimStep):
    note = text(most=500, required=False)


class ReleaseClaim(ClaimStep):
    reason = text(most=500)


class AssessItem(Change):
    """The assessment (考核) in points of 100, two decimals."""

    item_id = fields.UUID(required=True)
    score = fields.Decimal(places=2, required=True, validate=between(0, 100), as_string=True)
    comment = text(most=1000, required=False)


class CommendItem(Change):
    item_id = fields.UUID(required=True)
    reason = text(most=500)
