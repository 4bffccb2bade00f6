"""Refusals about claim lists, items, claims and what follows them."""

from services.contracts.base import Conflict, Invalid, NotFound


class ClaimListInvalid(Invalid): ...


class ItemNotFound(NotFound): ...


class ClaimNotFound(NotFound): ...


class ClaimListNotFound(NotFound): ...


class ObjectionNotFound(NotFound): ...


class ItemNotOpen(Conflict): ...


class ItemAlreadyClaimed(Conflict): ...


class ItemNotInState(Conflict): ...


class ItemBargainFixed(Conflict):
    """Somebody took the item on as it is; `fields` names what may no longer change."""


class ClaimNotInState(Conflict): ...


class EvidenceNotFound(NotFound): ...


class EvidenceFull(Conflict): ...


class PartyStudyMissing(Conflict): ...


class GradeTooLow(Conflict): ...


class SampleInsufficient(Conflict): ...


class CommendationNotInForce(Conflict): ...


class ObjectionPeriodOver(Conflict): ...


class ObjectionAnswered(Conflict): ...


class RectificationNotInState(Conflict): ...


class ClaimListAlreadyImported(Conflict): ...


class ClaimListNotUndoable(Conflict): ...
