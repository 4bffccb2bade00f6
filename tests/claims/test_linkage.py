"""The five parties of an item, and social organisations, by their rules and on the database."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import Database
from services.claims import usecases
from services.contracts.base import ANONYMOUS, Actor, Forbidden, GongzhiError, Invalid, VersionMismatch
from services.contracts.claims.errors import (
    LinkageClosed,
    LinkNotFound,
    SocialOrganisationAlreadyRegistered,
    SocialOrganisationNotFound,
    VolunteerNotFound,
)
from services.contracts.claims.terms import ItemStatus, UnitKind
from services.contracts.claims.volunteer_terms import (
    OrganisationLevel,
    OrganisationStatus,
    PartyKind,
    ServiceField,
)
from tests.builders import XINGAN, item_in, liaison, make_item, make_unit, publish, supervisor, worker
from tests.claims.acting import do, events, show, store
from tests.claims.volunteering import registered, served

CLOSED = {ItemStatus.SCORED, ItemStatus.COMMENDED, ItemStatus.WITHDRAWN}


def party(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": PartyKind.CHARITY_RESOURCE,
        "party": "慈善总会冬衣 50 件",
        "unit_id": None,
        "volunteer_id": None,
        "duty": "发放冬衣",
        "minutes": 0,
        "money_fen": 0,
    }
    return fields | given


def organisation_fields(**given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "registration_number": "黑民证字第 0101 号",
        "level": OrganisationLevel.CITY,
        "service_fields": [ServiceField.ELDERLY],
        "stars": 3,
    }
    return fields | given


def organisation(db: Database, *, number: int = 1, **given: Any) -> UUID:
    """A registered social organisation of Huayuan."""
    name = f"花园社工站{number}"
    unit = make_unit(name, number=number, kind=UnitKind.SOCIAL_ORGANISATION, sort_key=name)
    unit_id = unit.unit_id
    store(db, unit)
    do(db, usecases.register_social_organisation, unit_id=unit_id, **organisation_fields(**given))
    return unit_id


def published(db: Database) -> UUID:
    item = publish(make_item())
    store(db, item)
    return item.item_id


def linkage(db: Database, item_id: UUID, *, actor: Actor | None = None) -> dict[str, Any]:
    with db.reading() as tx:
        found: dict[str, Any] = usecases.get_linkage(tx, item_id=item_id, actor=actor or worker())
    return found


# ---- linking --------------------------------------------------------------------------------


def test_all_five_take_part_and_their_hours_and_money_add_up(db: Database) -> None:
    item_id, unit_id, volunteer = published(db), organisation(db), registered(db)
    for one in (
        party(kind=PartyKind.COMMUNITY, party="", duty="统筹", minutes=120),
        party(kind=PartyKind.SOCIAL_WORKER, party="花园社区社工站", duty="个案服务", minutes=300),
        party(kind=PartyKind.SOCIAL_ORGANISATION, party="", unit_id=unit_id, duty="活动", money_fen=120050),
        party(kind=PartyKind.VOLUNTEER, party="", volunteer_id=volunteer.volunteer_id, duty="清雪"),
        party(money_fen=500000),
    ):
        do(db, usecases.link_party, item_id=item_id, **one)
    served(db, volunteer, minutes=90, item_id=item_id)

    found = linkage(db, item_id)

    assert found["kinds"] == list(PartyKind)
    assert [one["party"] for one in found["parties"]] == [
        "花园社区",
        "花园社区社工站",
        "花园社工站1",
        "",
        "慈善总会冬衣 50 件",
    ]
    assert found["parties"][3]["volunteer_name"] == "关海兰"
    assert (found["minutes"], found["shift_minutes"], found["money_fen"]) == (510, 90, 620050)
    linked = [event for name, event in events(db) if name == "party_linked"]
    assert [event["kind"] for event in linked] == [kind.value for kind in PartyKind]
    assert "关海兰" not in str(linked)
    assert "关海兰" not in str(show(db, item_id)["history"])


@pytest.mark.parametrize("status", ItemStatus)
def test_parties_are_linked_until_the_item_is_scored_or_withdrawn(db: Database, status: ItemStatus) -> None:
    item = item_in(status)
    item_id = item.item_id
    store(db, item)

    if status in CLOSED:
        with pytest.raises(LinkageClosed, match=status.label):
            do(db, usecases.link_party, item_id=item_id, **party())
        with pytest.raises(LinkageClosed, match=status.label):
            do(db, usecases.unlink_party, item_id=item_id, link_id=uuid4(), reason="登记有误")
        assert linkage(db, item_id)["possible_acts"] == []
    else:
        assert linkage(db, item_id)["possible_acts"] == ["link_party"]
        do(db, usecases.link_party, item_id=item_id, **party())
        assert len(linkage(db, item_id)["parties"]) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"minutes": 60}, "minutes"),
        ({"party": ""}, "party"),
        ({"kind": PartyKind.SOCIAL_WORKER, "party": " "}, "party"),
        ({"kind": PartyKind.SOCIAL_ORGANISATION}, "unit_id"),
        ({"kind": PartyKind.VOLUNTEER, "money_fen": 1}, "money_fen"),
    ],
)
def test_each_kind_is_named_in_its_own_way_resources_do_not_work_and_volunteers_are_unpaid(
    db: Database, wrong: dict[str, Any], field: str
) -> None:
    item_id = published(db)

    with pytest.raises(Invalid) as refusal:
        do(db, usecases.link_party, item_id=item_id, **party(**wrong))

    assert list(refusal.value.fields) == [field]
    assert linkage(db, item_id)["parties"] == []


def test_what_belongs_to_another_kind_or_community_is_refused(db: Database) -> None:
    item_id, unit_id = published(db), organisation(db)
    far = registered(db, "白山", community_id=XINGAN, actor=worker(XINGAN))
    near = registered(db)

    with pytest.raises(Invalid):
        do(db, usecases.link_party, item_id=item_id, **party(unit_id=unit_id))
    with pytest.raises(Invalid):
        do(db, usecases.link_party, item_id=item_id, **party(volunteer_id=near.volunteer_id))
    volunteer = party(kind=PartyKind.VOLUNTEER, volunteer_id=far.volunteer_id)
    with pytest.raises(VolunteerNotFound):
        do(db, usecases.link_party, item_id=item_id, **volunteer)
    with pytest.raises(SocialOrganisationNotFound):
        do(
            db,
            usecases.link_party,
            item_id=item_id,
            **party(kind=PartyKind.SOCIAL_ORGANISATION, unit_id=uuid4()),
        )


@pytest.mark.parametrize("actor", [worker(XINGAN), supervisor(), liaison(uuid4()), ANONYMOUS])
def test_only_staff_of_the_community_link_and_everybody_may_look(db: Database, actor: Actor) -> None:
    item_id = published(db)
    do(db, usecases.link_party, item_id=item_id, **party())
    [link] = linkage(db, item_id)["parties"]

    with pytest.raises(Forbidden):
        do(db, usecases.link_party, item_id=item_id, **party(), actor=actor)
    with pytest.raises(Forbidden):
        do(db, usecases.unlink_party, item_id=item_id, link_id=link["link_id"], reason="误", actor=actor)
    seen = linkage(db, item_id, actor=actor)
    assert [one["possible_acts"] for one in seen["parties"]] == [[]]


def test_an_unlinked_party_is_gone_once_and_the_history_says_why(db: Database) -> None:
    item_id = published(db)
    do(db, usecases.link_party, item_id=item_id, **party(money_fen=100))
    [link] = linkage(db, item_id)["parties"]
    wanted = {"item_id": item_id, "link_id": link["link_id"], "reason": "登记有误"}
    do(db, usecases.unlink_party, **wanted)

    with pytest.raises(LinkNotFound):
        do(db, usecases.unlink_party, **wanted)
    found = linkage(db, item_id)
    assert (found["parties"], found["kinds"], found["money_fen"]) == ([], [], 0)
    assert show(db, item_id)["history"][-1]["summary"].endswith("原因：登记有误")


def test_a_draft_is_linked_and_shown_to_its_own_staff_only(db: Database) -> None:
    item = make_item()
    item_id = item.item_id
    store(db, item)

    do(db, usecases.link_party, item_id=item_id, **party())
    for actor in (worker(XINGAN), ANONYMOUS):
        with pytest.raises(GongzhiError, match="没有这个事项"):
            linkage(db, item_id, actor=actor)


# ---- social organisations -------------------------------------------------------------------


def listed(db: Database, **wanted: Any) -> tuple[list[str], str | None]:
    fields = dict.fromkeys(("community_id", "level", "service_field", "status", "cursor"))
    with db.reading() as tx:
        found, more = usecases.list_social_organisations(tx, **fields | {"q": "", "limit": 10} | wanted)
        return [one.unit_name for one in found], more


def test_only_a_unit_of_that_kind_is_registered_and_only_once(db: Database) -> None:
    enterprise = make_unit(number=8)
    enterprise_id = enterprise.unit_id
    store(db, enterprise)
    unit_id = organisation(db)

    with pytest.raises(Invalid, match="不是社会组织"):
        do(db, usecases.register_social_organisation, unit_id=enterprise_id, **organisation_fields())
    with pytest.raises(SocialOrganisationAlreadyRegistered):
        do(db, usecases.register_social_organisation, unit_id=unit_id, **organisation_fields())
    with pytest.raises(SocialOrganisationAlreadyRegistered):
        organisation(db, number=2)
    with pytest.raises(Forbidden):
        do(
            db,
            usecases.register_social_organisation,
            unit_id=enterprise_id,
            **organisation_fields(),
            actor=worker(XINGAN),
        )


def test_organisations_are_found_by_what_they_are_and_do(db: Database) -> None:
    for number, field in enumerate((ServiceField.ELDERLY, ServiceField.LEGAL_AID, ServiceField.ELDERLY), 1):
        organisation(db, number=number, registration_number=f"号{number}", service_fields=[field])

    first, more = listed(db, limit=2)
    second, end = listed(db, limit=2, cursor=more)

    assert ([*first, *second], end) == (["花园社工站1", "花园社工站2", "花园社工站3"], None)
    assert listed(db, service_field=ServiceField.LEGAL_AID)[0] == ["花园社工站2"]
    assert listed(db, q="站3")[0] == ["花园社工站3"]
    assert listed(db, level=OrganisationLevel.PROVINCE)[0] == []
    assert listed(db, community_id=XINGAN)[0] == []


def test_a_deregistered_organisation_takes_part_in_nothing_new(db: Database) -> None:
    item_id, unit_id = published(db), organisation(db)
    gone = organisation_fields(status=OrganisationStatus.DEREGISTERED)
    do(db, usecases.change_social_organisation, unit_id=unit_id, **gone, expected_version=1)

    with pytest.raises(VersionMismatch):
        do(db, usecases.change_social_organisation, unit_id=unit_id, **gone, expected_version=1)
    with pytest.raises(LinkageClosed, match="已注销"):
        do(
            db,
            usecases.link_party,
            item_id=item_id,
            **party(kind=PartyKind.SOCIAL_ORGANISATION, unit_id=unit_id),
        )
    assert listed(db, status=OrganisationStatus.ACTIVE)[0] == []
