"""How claims refuses.

Invalid
├── UsccInvalid              a USCC fails its form or one of its two check digits
├── ClaimListInvalid         rows with errors; nothing was imported
└── NeedsInvalid             rows with errors; nothing was imported
NotFound
├── UnitNotFound
├── ItemNotFound
├── ClaimNotFound
├── ObjectionNotFound
├── ClaimListNotFound
└── NeedNotFound
Conflict
├── UnitAlreadyRegistered
├── ItemNotOpen              not in its claim period
├── ItemAlreadyClaimed       nothing, or not enough, remains
├── ItemNotInState           the act does not fit the item's state
├── ClaimNotInState          the act does not fit the claim's state
├── PartyStudyMissing        published only after the party organisation studied it
├── GradeTooLow              no commendation below 良好
├── SampleInsufficient       no commendation on a poll that too few answered
├── CommendationNotInForce   taken back already
├── ObjectionPeriodOver      the public notice has ended
├── ObjectionAnswered        answered once and for all
├── RectificationNotInState  the act does not fit, or there is nothing to put right
├── ClaimListAlreadyImported
├── NeedNotInState           the act does not fit the need's state
├── NeedsAlreadyImported
└── OrderElsewhere           the order is a need of another community
"""

from services.contracts.base import Conflict, Invalid, NotFound


class UsccInvalid(Invalid): ...


class ClaimListInvalid(Invalid): ...


class UnitNotFound(NotFound): ...


class ItemNotFound(NotFound): ...


class ClaimNotFound(NotFound): ...


class ClaimListNotFound(NotFound): ...


class ObjectionNotFound(NotFound): ...


class UnitAlreadyRegistered(Conflict): ...


class ItemNotOpen(Conflict): ...


class ItemAlreadyClaimed(Conflict): ...


class ItemNotInState(Conflict): ...


class ClaimNotInState(Conflict): ...


class PartyStudyMissing(Conflict): ...


class GradeTooLow(Conflict): ...


class SampleInsufficient(Conflict): ...


class CommendationNotInForce(Conflict): ...


class ObjectionPeriodOver(Conflict): ...


class ObjectionAnswered(Conflict): ...


class RectificationNotInState(Conflict): ...


class ClaimListAlreadyImported(Conflict): ...


class NeedsInvalid(Invalid): ...


class NeedNotFound(NotFound): ...


class NeedNotInState(Conflict): ...


class NeedsAlreadyImported(Conflict): ...


class OrderElsewhere(Conflict): ...
