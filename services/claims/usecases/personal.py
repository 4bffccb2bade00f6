"""What a person may ask about the registers of claims: what is held, its correction and its removal.

Claims knows a name, of a unit's contact also a telephone number, and nothing else that tells who a person
is; and many people share a name. So everybody of the name is listed, with nothing but the place, and nobody
is removed by the name alone.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Transaction
from services.claims import storage
from services.claims.domain.dual_registration import DualRegistration
from services.claims.domain.unit import Unit, UnitContact
from services.claims.domain.volunteer import Volunteer, name_of_volunteer
from services.claims.usecases.history import record
from services.contracts.base import Actor, invalid_field
from services.contracts.claims.errors import UnitContactNotFound
from services.contracts.personal import require_personal_desk, require_unmasker

MOST = 200
_WRONG_PHONE = "应为 5 至 19 位电话号码。"


def unmask(tx: Transaction, *, record_id: UUID, field: str, actor: Actor) -> str:
    """One field of one record, whole."""
    if field == "volunteer_name":
        volunteer = storage.get_volunteer(tx.session, record_id)
        require_unmasker(actor, volunteer.community_id)
        return volunteer.volunteer_name
    if field == "member_name":
        member = storage.get_dual_registration(tx.session, record_id)
        require_unmasker(actor, member.community_id)
        return member.member_name
    contact, unit = _contact(tx, record_id)
    require_unmasker(actor, unit.community_of(actor))
    return str(getattr(contact, field))


def gather_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> list[dict[str, Any]]:
    require_personal_desk(actor)
    volunteers = [
        {
            "record_id": one.volunteer_id,
            "what": "志愿者登记（同名，须凭志愿者编号核对是否本人）",
            "facts": {"姓名": one.volunteer_name, "社区": _community_name(tx, one.community_id)},
            "correctable": {"volunteer_name": "姓名"},
            "basis": "《志愿服务条例》：志愿服务记录和证明",
            "kept_for": "志愿者在册期间；退出后服务时长长期保存以便证明，姓名可按本人意愿清除",
        }
        for one in _volunteers(tx, resident_name)
    ]
    contacts = [
        {
            "record_id": one.contact_id,
            "what": "驻地单位联系人（同名，须由该单位核对是否本人）",
            "facts": {"姓名": one.contact_name, "单位": storage.get_unit(tx.session, one.unit_id).unit_name},
            "correctable": {"contact_name": "姓名", "contact_phone": "电话"},
            "basis": "所在单位申请加入党建联盟时提供",
            "kept_for": "单位在联盟期间；未通过或退出时立即清除",
        }
        for one in _contacts(tx, resident_name)
    ]
    members = [
        {
            "record_id": one.registration_id,
            "what": "在职党员报到登记（同名，须凭报到编号核对是否本人）",
            "facts": {"姓名": one.member_name, "单位": one.unit_name, "编号": one.code},
            "correctable": {"member_name": "姓名"},
            "basis": "在职党员到社区报到",
            "kept_for": "报到期间；转出后服务记录保留，姓名可按本人意愿清除",
        }
        for one in _members(tx, resident_name)
    ]
    return [*volunteers, *contacts, *members]


def erase_personal(
    tx: Transaction, *, resident_name: str, identity_number: str, email: str, actor: Actor
) -> tuple[list[str], list[str]]:
    """Erasing by name could erase somebody else; the volunteer's code or the unit tells who is meant."""
    require_personal_desk(actor)
    places = {_community_name(tx, one.community_id) for one in _volunteers(tx, resident_name)}
    units = {storage.get_unit(tx.session, one.unit_id).unit_name for one in _contacts(tx, resident_name)}
    return [], [
        *(
            f"志愿者登记：{place}有同名登记，请凭志愿者编号在该社区办理退出并清除姓名。"
            for place in sorted(places)
        ),
        *(
            f"在职党员报到登记：{one.code} 为同名登记，请在报到的社区办理转出并清除姓名。"
            for one in _members(tx, resident_name)
        ),
        *(f"驻地单位联系人：「{unit}」有同名联系人，请由该单位或社区删除。" for unit in sorted(units)),
    ]


def correct_personal(
    tx: Transaction, *, record_id: UUID, field: str, value: str, actor: Actor, now: datetime
) -> None:
    """The audit keeps keyed hashes of names before and after, and nothing of a number."""
    require_personal_desk(actor)
    if field == "volunteer_name":
        _correct_volunteer(tx, record_id, value, actor=actor, now=now)
    elif field == "member_name":
        _correct_member(tx, record_id, value, actor=actor, now=now)
    else:
        _correct_contact(tx, record_id, field, value, actor=actor, now=now)


def _correct_volunteer(tx: Transaction, record_id: UUID, value: str, *, actor: Actor, now: datetime) -> None:
    volunteer = storage.get_volunteer(tx.session, record_id, is_locked=True)
    before = storage.hash_of_name(tx.session, volunteer.volunteer_name)
    volunteer.volunteer_name = name_of_volunteer(value, path="value")
    volunteer.version += 1
    storage.save_volunteer(tx.session, volunteer)
    after = storage.hash_of_name(tx.session, volunteer.volunteer_name)
    record(tx, record_id, "correct_personal", "按本人申请更正姓名。", actor=actor, now=now)
    tx.audited(
        record_id=record_id,
        community_id=volunteer.community_id,
        before=before,
        after=after,
        reason="volunteer_name",
    )


def _correct_member(tx: Transaction, record_id: UUID, value: str, *, actor: Actor, now: datetime) -> None:
    member = storage.get_dual_registration(tx.session, record_id, is_locked=True)
    if not member.member_name:
        raise invalid_field("value", "单位党组织报到没有个人姓名。")
    member.member_name = name_of_volunteer(value, path="value")
    member.version += 1
    storage.save_dual_registration(tx.session, member)
    record(tx, record_id, "correct_personal", "按本人申请更正姓名。", actor=actor, now=now)
    tx.audited(record_id=record_id, community_id=member.community_id, reason="member_name")


def _correct_contact(
    tx: Transaction, record_id: UUID, field: str, value: str, *, actor: Actor, now: datetime
) -> None:
    contact, unit = _contact(tx, record_id)
    if field == "contact_name":
        contact.contact_name = name_of_volunteer(value, path="value")
    else:
        contact.contact_phone = _number(value)
    storage.save_unit_contact(tx.session, contact)
    record(tx, unit.unit_id, "correct_personal", "按本人申请更正联系人信息。", actor=actor, now=now)
    tx.audited(record_id=record_id, community_id=unit.community_of(actor), reason=field)


def _number(value: str) -> str:
    digits = value.strip().replace(" ", "").replace("-", "").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal() and 5 <= len(digits) <= 18):
        raise invalid_field("value", _WRONG_PHONE)
    return value.strip()


def _contact(tx: Transaction, contact_id: UUID) -> tuple[UnitContact, Unit]:
    contact = storage.find_unit_contact(tx.session, contact_id)
    if contact is None:
        raise UnitContactNotFound("没有这个联系人。")
    return contact, storage.get_unit(tx.session, contact.unit_id)


def _volunteers(tx: Transaction, resident_name: str) -> list[Volunteer]:
    name = resident_name.strip()
    return storage.volunteers_named(tx.session, name, limit=MOST) if name else []


def _contacts(tx: Transaction, resident_name: str) -> list[UnitContact]:
    name = resident_name.strip()
    return storage.unit_contacts_named(tx.session, name, limit=MOST) if name else []


def _members(tx: Transaction, resident_name: str) -> list[DualRegistration]:
    name = resident_name.strip()
    return storage.members_named(tx.session, name, limit=MOST) if name else []


def _community_name(tx: Transaction, community_id: UUID) -> str:
    community = storage.find_community(tx.session, community_id)
    return community.community_name if community else ""
