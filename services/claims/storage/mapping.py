"""How the domain's classes lie in the tables; the domain knows nothing of it."""

from sqlalchemy import orm

from services.claims.domain.admission import Admission, Opinion
from services.claims.domain.burden import Burden
from services.claims.domain.claim import Claim, Milestone, Party
from services.claims.domain.claim_list import ClaimList, ImportedItem
from services.claims.domain.commendation import Commendation
from services.claims.domain.community import Community
from services.claims.domain.dual_registration import Task
from services.claims.domain.enrolment import Enrolment
from services.claims.domain.evidence import Evidence
from services.claims.domain.fund import Fund
from services.claims.domain.fund_ledger import Entry, Posting
from services.claims.domain.fund_payment import Payment
from services.claims.domain.fund_record import Consent, Earmark, Month
from services.claims.domain.gate_list import GateEntry
from services.claims.domain.history import HistoryLine
from services.claims.domain.item import Item
from services.claims.domain.linkage import LinkedParty
from services.claims.domain.need import Need, NeedImport
from services.claims.domain.objection import Objection
from services.claims.domain.period import AssessedItem, AssessmentPeriod
from services.claims.domain.purchase import Purchase
from services.claims.domain.purchase_contract import Instalment
from services.claims.domain.purchase_record import Offer
from services.claims.domain.rectification import Rectification
from services.claims.domain.scheme import Scheme, Scoring
from services.claims.domain.score import PollResult
from services.claims.domain.seal import SealRequest
from services.claims.domain.sent_back import Emergency, SentBackTask
from services.claims.domain.shift import Shift
from services.claims.domain.social_organisation import SocialOrganisation
from services.claims.domain.unit import Unit
from services.claims.domain.unit_assessment import UnitAssessment
from services.claims.domain.volunteer import ServiceCertificate
from services.claims.storage import tables
from services.claims.storage.tables import registry

registry.map_imperatively(Community, tables.communities)
registry.map_imperatively(Unit, tables.units)
registry.map_imperatively(ClaimList, tables.claim_lists)
registry.map_imperatively(ImportedItem, tables.imported_items)
registry.map_imperatively(NeedImport, tables.need_imports)
registry.map_imperatively(Need, tables.needs, exclude_properties=["wording"])
registry.map_imperatively(HistoryLine, tables.history)
registry.map_imperatively(Scheme, tables.schemes)
registry.map_imperatively(Scoring, tables.scorings)
registry.map_imperatively(PollResult, tables.poll_results)
registry.map_imperatively(Commendation, tables.commendations)
registry.map_imperatively(Objection, tables.objections)
registry.map_imperatively(Rectification, tables.rectifications)
registry.map_imperatively(Milestone, tables.milestones)
registry.map_imperatively(Evidence, tables.evidence)
registry.map_imperatively(
    Party,
    tables.claim_parties,
    properties={"unit": orm.relationship(Unit, lazy="joined", innerjoin=True)},
)
# An item's parts come by statements after its own. Not by a join: when the item's row lock had to be
# waited for, PostgreSQL reads that row anew but what is joined to it as it was before.
registry.map_imperatively(
    Claim,
    tables.claims,
    properties={
        "parties": orm.relationship(Party, lazy="selectin", order_by=tables.claim_parties.c.position),
        "milestones": orm.relationship(Milestone, lazy="selectin", order_by=tables.milestones.c.milestone_id),
        # Only those who look at a claim need it; see `storage.load_evidence`.
        "evidence": orm.relationship(
            Evidence,
            cascade="all, delete-orphan",
            order_by=(tables.evidence.c.attached_at, tables.evidence.c.evidence_id),
        ),
    },
)
registry.map_imperatively(
    Item,
    tables.items,
    exclude_properties=["code_year", "code_number"],
    properties={
        "claims": orm.relationship(
            Claim, lazy="selectin", order_by=(tables.claims.c.claimed_at, tables.claims.c.claim_id)
        ),
        "doer": orm.relationship(Unit),
        "poll": orm.relationship(PollResult, uselist=False),
        "scorings": orm.relationship(Scoring, order_by=tables.scorings.c.scored_at),
        "commendation": orm.relationship(Commendation, uselist=False),
        "objections": orm.relationship(
            Objection, order_by=(tables.objections.c.raised_at, tables.objections.c.objection_id)
        ),
        "rectification": orm.relationship(Rectification, uselist=False),
    },
)

registry.map_imperatively(Task, tables.community_tasks)
registry.map_imperatively(AssessmentPeriod, tables.assessment_periods)
registry.map_imperatively(AssessedItem, tables.assessed_items)
registry.map_imperatively(
    UnitAssessment,
    tables.unit_assessments,
    properties={
        "period": orm.relationship(AssessmentPeriod, lazy="joined", innerjoin=True),
        "unit": orm.relationship(Unit, lazy="joined", innerjoin=True),
        "items": orm.relationship(
            AssessedItem,
            lazy="selectin",
            cascade="all, delete-orphan",
            order_by=tables.assessed_items.c.code,
        ),
        "scorings": orm.relationship(Scoring, lazy="selectin"),
        "objections": orm.relationship(
            Objection,
            lazy="selectin",
            order_by=(tables.objections.c.raised_at, tables.objections.c.objection_id),
        ),
        "commendation": orm.relationship(Commendation, uselist=False, lazy="selectin"),
    },
)
registry.map_imperatively(GateEntry, tables.gate_entries)
registry.map_imperatively(Opinion, tables.admission_opinions)
registry.map_imperatively(
    Admission,
    tables.admissions,
    properties={
        "opinions": orm.relationship(
            Opinion,
            lazy="selectin",
            order_by=(tables.admission_opinions.c.recorded_at, tables.admission_opinions.c.opinion_id),
        )
    },
)
registry.map_imperatively(SentBackTask, tables.sent_back_tasks)
registry.map_imperatively(Emergency, tables.emergencies)
registry.map_imperatively(SealRequest, tables.seal_requests)
registry.map_imperatively(Burden, tables.burdens)
registry.map_imperatively(Earmark, tables.fund_earmarks)
registry.map_imperatively(Consent, tables.fund_consents)
registry.map_imperatively(Month, tables.fund_months)
registry.map_imperatively(Payment, tables.fund_payments)
registry.map_imperatively(Entry, tables.fund_entries)
registry.map_imperatively(
    Posting,
    tables.fund_postings,
    properties={
        "entries": orm.relationship(Entry, lazy="selectin", order_by=tables.fund_entries.c.position),
    },
)
registry.map_imperatively(
    Fund,
    tables.funds,
    properties={
        "earmarks": orm.relationship(Earmark, lazy="selectin", order_by=tables.fund_earmarks.c.item_id),
        "consents": orm.relationship(Consent, lazy="selectin", order_by=tables.fund_consents.c.consent_id),
        "months": orm.relationship(Month, lazy="selectin", order_by=tables.fund_months.c.month_on.desc()),
    },
)
registry.map_imperatively(
    Offer,
    tables.purchase_offers,
    properties={"unit": orm.relationship(Unit, lazy="joined", innerjoin=True)},
)
# The payment is the fund's: it is read here, and changed there.
registry.map_imperatively(
    Instalment,
    tables.purchase_instalments,
    properties={"payment": orm.relationship(Payment, lazy="selectin")},
)
registry.map_imperatively(
    Purchase,
    tables.purchases,
    properties={
        "supplier": orm.relationship(Unit, lazy="selectin"),
        "offers": orm.relationship(Offer, lazy="selectin", order_by=tables.purchase_offers.c.offer_id),
        "instalments": orm.relationship(
            Instalment, lazy="selectin", order_by=tables.purchase_instalments.c.number
        ),
    },
)
registry.map_imperatively(ServiceCertificate, tables.service_certificates)
registry.map_imperatively(LinkedParty, tables.linked_parties)
registry.map_imperatively(
    SocialOrganisation,
    tables.social_organisations,
    properties={"unit": orm.relationship(Unit, lazy="joined", innerjoin=True)},
)
registry.map_imperatively(Enrolment, tables.enrolments)
registry.map_imperatively(
    Shift,
    tables.shifts,
    properties={
        "enrolments": orm.relationship(Enrolment, lazy="selectin", order_by=tables.enrolments.c.number)
    },
)
