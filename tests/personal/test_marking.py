"""Every field that is about a person says so; whoever adds one decides, once, what it is."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import marshmallow as ma
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import gateway
import services.contracts
from deploy.gongzhi._hearers import event_classes, service_names
from services.contracts.base import ANONYMOUS, Actor, Role, View, shape
from services.contracts.personal import PUBLIC, Kind, Personal, marked_fields, masked, reader

SOUNDS_PERSONAL = re.compile(
    r"(^|_)(phone|mobile|telephone|contact|identity|id_card|id_number|email|mail|address|birth|birthday|"
    r"health|disability|name|names)(_|$)|name$"
)


class Card(View):
    """A view with one field open to nobody and one to directors."""

    resident_name = Personal(Kind.NAME)
    phone = Personal(Kind.PHONE, open_to=(Role.COMMUNITY_MANAGER,))


DESK = ("GatherPersonal", "CorrectPersonal", "ErasePersonal")
CARD = {"resident_name": "张三丰", "phone": "13812341234"}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def shapes() -> list[type[ma.Schema]]:
    return [
        value
        for package in (services.contracts, gateway)
        for module in modules(package)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ma.Schema) and value.__module__ == module.__name__
    ]


def test_a_field_that_sounds_personal_is_marked_or_public_for_a_reason() -> None:
    undecided = {
        f"{found.__name__}.{name}"
        for found in shapes()
        for name, field in found._declared_fields.items()
        if SOUNDS_PERSONAL.search(name) and "personal" not in field.metadata
        if not {name, f"{found.__name__}.{name}"} & set(PUBLIC)
    }

    assert undecided == set()


def test_a_marked_field_of_a_view_is_one_that_masks() -> None:
    bare = {
        f"{found.__name__}.{name}"
        for found in shapes()
        if issubclass(found, View)
        for name, _kind in marked_fields(found)
        if not isinstance(found._declared_fields[name], Personal)
    }

    assert bare == set()


def test_no_event_carries_a_field_that_sounds_personal() -> None:
    carried = {
        f"{event.__name__}.{name}"
        for event in event_classes()
        for name in event.__dataclass_fields__
        if SOUNDS_PERSONAL.search(name) and name not in PUBLIC
    }

    assert carried == set()


@pytest.mark.parametrize("service", service_names())
def test_whoever_takes_personal_data_answers_the_persons_requests(service: str) -> None:
    commands = importlib.import_module(f"services.contracts.{service}.commands")
    takes = {
        name
        for name, found in vars(commands).items()
        if isinstance(found, type)
        and issubclass(found, ma.Schema)
        and found.__module__.startswith(commands.__name__)
        and name not in DESK
        and list(marked_fields(found))
    }

    assert {bool(takes)} == {hasattr(commands, name) for name in DESK}


def test_a_view_is_masked_without_anybody_asking_for_it() -> None:
    assert shape(Card).dump(CARD) == {"resident_name": "张*", "phone": "138****1234"}


def test_a_field_is_whole_for_the_roles_it_is_open_to_and_no_other() -> None:
    director = Actor(actor_id="d", roles=(Role.COMMUNITY_MANAGER,))
    worker = Actor(actor_id="w", roles=(Role.COMMUNITY_WORKER,))

    seen = {}
    for actor in (director, worker, ANONYMOUS):
        token = reader.set(actor)
        seen[actor.actor_id] = shape(Card).dump(CARD)
        reader.reset(token)

    assert seen["d"] == {"resident_name": "张*", "phone": "13812341234"}
    assert seen["w"] == seen["anonymous"] == {"resident_name": "张*", "phone": "138****1234"}


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.PHONE, "13812341234", "138****1234"),
        (Kind.PHONE, "8234567", "*****67"),
        (Kind.PHONE, "110", "***"),
        (Kind.IDENTITY_NUMBER, "110101190001011234", "110101**********1234"),
        (Kind.IDENTITY_NUMBER, "1101", "***"),
        (Kind.NAME, "张三", "张*"),
        (Kind.NAME, "欧阳海棠", "欧*"),
        (Kind.EMAIL, "a@example.cn", "a***@example.cn"),
        (Kind.EMAIL, "wangfang@example.cn", "w***@example.cn"),
        (Kind.EMAIL, "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "****5aaa"),
        (Kind.ADDRESS, "黑河市爱辉区中央街12号3单元501室", "黑河市爱辉区中央街***"),
        (Kind.ADDRESS, "海兰街道通江小区三号楼二单元", "海兰街道通江小区***"),
        (Kind.ADDRESS, "花园街道王家大院", "花园街道***"),
        (Kind.ADDRESS, "老林场", "老林***"),
        (Kind.HEALTH, "高血压", "***"),
    ],
)
def test_masks(kind: Kind, value: str, shown: str) -> None:
    assert masked(kind, value) == shown


@given(st.sampled_from(Kind), st.text())
@example(Kind.ADDRESS, "\x85")
@example(Kind.EMAIL, "@")
def test_masking_what_is_masked_changes_nothing(kind: Kind, value: str) -> None:
    once = masked(kind, value)

    assert masked(kind, once) == once
