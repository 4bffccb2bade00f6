"""What can be decided about an item whose claim period ended with something left."""

from marshmallow import fields

from services.contracts.base import Change, Whole, between, text


class CloseItemShort(Change):
    """Nobody is looked for any more for what is left; what is claimed goes on."""

    item_id = fields.UUID(required=True)
    reason = text(most=500)


class FundItem(Change):
    """Earmarks money in a fund for the item, which the community then does itself."""

    item_id = fields.UUID(required=True)
    fund_id = fields.UUID(required=True)
    amount_fen = Whole(required=True, validate=between(1, 10**12))


class FinishItem(Change):
    """The community's own work on a funded item is done; its beneficiaries are asked."""

    item_id = fields.UUID(required=True)
    summary = text(most=1000)


class WithdrawItem(Change):
    item_id = fields.UUID(required=True)
    reason = text(most=500)
