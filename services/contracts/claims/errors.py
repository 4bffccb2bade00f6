"""How claims refuses.

Invalid
├── UsccInvalid              a USCC fails its form or one of its two check digits
├── ClaimListInvalid         rows with errors; nothing was imported
├── NeedsInvalid             rows with errors; nothing was imported
└── VolunteerCodeMistyped    a code or number fails its form or its check character
NotFound
├── UnitNotFound
├── ItemNotFound
├── ClaimNotFound
├── ObjectionNotFound
├── ClaimListNotFound
├── NeedNotFound
├── VolunteerNotFound        also one of another community
├── ShiftNotFound
├── SignInTokenInvalid       made up, or run out
├── ServiceCertificateNotFound
├── SocialOrganisationNotFound
└── LinkNotFound
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
├── OrderElsewhere           the order is a need of another community
├── VolunteerRetired         takes no more shifts
├── ShiftNotInState          the act does not fit the shift's state or hour
├── EnrolmentNotInState      the act does not fit what the volunteer has done so far
├── AlreadyEnrolled
├── ShiftsOverlap            the volunteer is elsewhere at that time
├── InsuranceMissing         a risky shift takes insured volunteers only
├── NoServiceConfirmed       a certificate needs confirmed minutes
├── SocialOrganisationAlreadyRegistered
└── LinkageClosed            the item's state takes no more parties
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


class VolunteerCodeMistyped(Invalid): ...


class VolunteerNotFound(NotFound): ...


class ShiftNotFound(NotFound): ...


class SignInTokenInvalid(NotFound): ...


class ServiceCertificateNotFound(NotFound): ...


class SocialOrganisationNotFound(NotFound): ...


class LinkNotFound(NotFound): ...


class VolunteerRetired(Conflict): ...


class ShiftNotInState(Conflict): ...


class EnrolmentNotInState(Conflict): ...


class AlreadyEnrolled(Conflict): ...


class ShiftsOverlap(Conflict): ...


class InsuranceMissing(Conflict): ...


class NoServiceConfirmed(Conflict): ...


class SocialOrganisationAlreadyRegistered(Conflict): ...


class LinkageClosed(Conflict): ...
