"""How the domain's classes lie in the tables; the domain knows nothing of it."""

from sqlalchemy import orm

from services.claims.domain.claim import Claim, Milestone, Party
from services.claims.domain.claim_list import ClaimList
from services.claims.domain.commendation import Commendation
from services.claims.domain.community import Community
from services.claims.domain.enrolment import Enrolment
from services.claims.domain.history import HistoryLine
from services.claims.domain.item import Item
from services.claims.domain.linkage import LinkedParty
from services.claims.domain.need import Need, NeedImport
from services.claims.domain.objection import Objection
from services.claims.domain.rectification import Rectification
from services.claims.domain.score import PollResult
from services.claims.domain.shift import Shift
from services.claims.domain.social_organisation import SocialOrganisation
from services.claims.domain.unit import Unit
from services.claims.domain.volunteer import ServiceCertificate
from services.claims.storage import tables
from services.claims.storage.tables import registry

registry.map_imperatively(Community, tables.communities)
registry.map_imperatively(Unit, tables.units)
registry.map_imperatively(ClaimList, tables.claim_lists)
registry.map_imperatively(NeedImport, tables.need_imports)
registry.map_imperatively(Need, tables.needs, exclude_properties=["wording"])
registry.map_imperatively(HistoryLine, tables.history)
registry.map_imperatively(PollResult, tables.poll_results)
registry.map_imperatively(Commendation, tables.commendations)
registry.map_imperatively(Objection, tables.objections)
registry.map_imperatively(Rectification, tables.rectifications)
registry.map_imperatively(Milestone, tables.milestones)
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
        "poll": orm.relationship(PollResult, uselist=False),
        "commendation": orm.relationship(Commendation, uselist=False),
        "objections": orm.relationship(
            Objection, order_by=(tables.objections.c.raised_at, tables.objections.c.objection_id)
        ),
        "rectification": orm.relationship(Rectification, uselist=False),
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
