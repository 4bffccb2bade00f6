"""How claims refuses.

Invalid
├── UsccInvalid              a USCC fails its form or one of its two check digits
├── ClaimListInvalid         rows with errors; nothing was imported
├── NeedsInvalid             rows with errors; nothing was imported
├── AppliedTooLate           a task must be applied for 30 working days before it begins
├── CharityInvalid           a partner that is no charity, or papers that are missing
├── BuyerNotAllowed          only state organs buy services
├── SupplierNotAllowed       a kind that the rules exclude, or that does not fit the register
└── VolunteerCodeMistyped    a code or number fails its form or its check character
NotFound
├── UnitNotFound             also an application at another community
├── UnitContactNotFound
├── DualRegistrationNotFound also one of another community or unit
├── DualServiceNotFound
├── TaskNotFound
├── ItemNotFound
├── ClaimNotFound
├── ObjectionNotFound
├── ClaimListNotFound
├── NeedNotFound
├── AdmissionNotFound
├── GateEntryNotFound
├── SentBackTaskNotFound
├── EmergencyNotFound
├── SealRequestNotFound
├── BurdenNotFound
├── FundNotFound
├── PaymentNotFound
├── PostingNotFound
├── PurchaseNotFound
├── OfferNotFound
├── InstalmentNotFound
├── VolunteerNotFound        also one of another community
├── ShiftNotFound
├── SignInTokenInvalid       made up, or run out
├── ServiceCertificateNotFound
├── SocialOrganisationNotFound
├── LinkNotFound
├── PeriodNotFound
├── UnitAssessmentNotFound   also one in the making, for who may not see it
└── SchemeNotFound           also a draft, for who may not see it
Conflict
├── UnitAlreadyRegistered
├── UnitNotInState           the act does not fit where the unit stands with the alliance
├── UnitNotMember            only approved members claim
├── AlreadyReported          an organisation reports to a community once
├── DualRegistrationNotInState  the act does not fit the registration's state
├── DualServiceWithdrawn     taken back already
├── AlreadyEvaluated         once a year
├── TaskClosed               takes no more services
├── UnitHasOpenClaims        who leaves first finishes or releases what it claimed
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
├── ClaimListNotUndoable     items were changed since, or something stands on them
├── ClaimListAlreadyImported
├── NeedNotInState           the act does not fit the need's state
├── NeedsAlreadyImported
├── OrderElsewhere           the order is a need of another community
├── AdmissionNotInState      the act does not fit the application's state
├── OpinionAlreadyRecorded   an office speaks once
├── OpinionsMissing          decided only when enough offices have spoken
├── AdmissionNotInForce      not admitted for that community on that day
├── TaskIsAdmitted           what is admitted, listed or an emergency is not sent back
├── GateEntryAlreadyListed
├── GateEntryEnded
├── EmergencyNotRunning      the emergency does not cover that community on that day
├── SealAlreadyDecided
├── BurdenAlreadyWithdrawn
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
├── PostingNotReversible
├── PurchaseNotInState       the act does not fit the purchase's state
├── BudgetMissing            budget first: less is kept for the item than the purchase may cost
├── OffersMissing            competition needs more offers
├── InstalmentNotPayable     asked for already, or not due yet, or held back
├── EarmarkReserved          what is kept for a purchase leaves the fund by the purchase only
├── VolunteerRetired         takes no more shifts
├── ShiftNotInState          the act does not fit the shift's state or hour
├── EnrolmentNotInState      the act does not fit what the volunteer has done so far
├── AlreadyEnrolled
├── ShiftsOverlap            the volunteer is elsewhere at that time
├── InsuranceMissing         a risky shift takes insured volunteers only
├── NoServiceConfirmed       a certificate needs confirmed minutes
├── SocialOrganisationAlreadyRegistered
├── LinkageClosed            the item's state takes no more parties
├── SchemeNotInState         the act does not fit the scheme's state or day
├── ScoredByParts            the scheme wants points by criteria, not one number
├── ScorerIsSame             one person does not score for two parties
├── ScoringIncomplete        a party's points are missing
├── PeriodAlreadyOpened
├── PeriodNotInState         the act does not fit the period's state or day
├── ResultNotInState         the act does not fit the result's state
└── ResultInNotice           the public notice runs, or an objection waits for its answer
"""

from services.contracts.claims.errors.alliance import *  # noqa: F403
from services.contracts.claims.errors.assessment import *  # noqa: F403
from services.contracts.claims.errors.fund import *  # noqa: F403
from services.contracts.claims.errors.gate import *  # noqa: F403
from services.contracts.claims.errors.item import *  # noqa: F403
from services.contracts.claims.errors.need import *  # noqa: F403
from services.contracts.claims.errors.purchase import *  # noqa: F403
from services.contracts.claims.errors.volunteer import *  # noqa: F403
