"""How claims refuses.

Invalid
├── UsccInvalid              a USCC fails its form or one of its two check digits
├── ClaimListInvalid         rows with errors; nothing was imported
└── CharityInvalid           a partner that is no charity, or papers that are missing
NotFound
├── UnitNotFound
├── ItemNotFound
├── ClaimNotFound
├── ClaimListNotFound
├── FundNotFound
├── PaymentNotFound
└── PostingNotFound
Conflict
├── UnitAlreadyRegistered
├── ItemNotOpen              not in its claim period
├── ItemAlreadyClaimed       nothing, or not enough, remains
├── ItemNotInState           the act does not fit the item's state
├── ClaimNotInState          the act does not fit the claim's state
├── PartyStudyMissing        published only after the party organisation studied it
├── GradeTooLow              no commendation below 良好
├── SampleInsufficient       no commendation on a poll that too few answered
├── ClaimListAlreadyImported
├── FundNotInState           the act does not fit the fund's state
├── FundShort                an account that must not be negative would be
├── PaymentNotInState        the act does not fit the payment's state
├── ApproverIsProposer       who proposed a payment does not approve it
├── PublicDonationRefused    only a qualified charity collects from the public
├── PayerNotAllowed          this source of money does not take from such a payer
├── ConsentMissing           the unit, or the donor, has not agreed
├── ResolutionMissing        a contribution by the benefit principle needs a resolution first
├── ReceiptAlreadyRecorded
├── PayeeIsDonor             a donor, or who is close to one, does not benefit
├── MonthIsClosed            nothing is posted in a closed month any more
├── MonthNotOver
├── PostingAlreadyReversed
└── PostingNotReversible
"""

from services.contracts.base import Conflict, Invalid, NotFound


class UsccInvalid(Invalid): ...


class ClaimListInvalid(Invalid): ...


class UnitNotFound(NotFound): ...


class ItemNotFound(NotFound): ...


class ClaimNotFound(NotFound): ...


class ClaimListNotFound(NotFound): ...


class UnitAlreadyRegistered(Conflict): ...


class ItemNotOpen(Conflict): ...


class ItemAlreadyClaimed(Conflict): ...


class ItemNotInState(Conflict): ...


class ClaimNotInState(Conflict): ...


class PartyStudyMissing(Conflict): ...


class GradeTooLow(Conflict): ...


class SampleInsufficient(Conflict): ...


class ClaimListAlreadyImported(Conflict): ...


class CharityInvalid(Invalid): ...


class FundNotFound(NotFound): ...


class PaymentNotFound(NotFound): ...


class PostingNotFound(NotFound): ...


class FundNotInState(Conflict): ...


class FundShort(Conflict): ...


class PaymentNotInState(Conflict): ...


class ApproverIsProposer(Conflict): ...


class PublicDonationRefused(Conflict): ...


class PayerNotAllowed(Conflict): ...


class ConsentMissing(Conflict): ...


class ResolutionMissing(Conflict): ...


class ReceiptAlreadyRecorded(Conflict): ...


class PayeeIsDonor(Conflict): ...


class MonthIsClosed(Conflict): ...


class MonthNotOver(Conflict): ...


class PostingAlreadyReversed(Conflict): ...


class PostingNotReversible(Conflict): ...
