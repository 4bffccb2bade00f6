"""The communities, units and residents of the sample city, and the accounts that work there."""

import csv
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from services.claims.domain.uscc import code_check, organisation_check
from services.consultation.domain.identity_number import check_character
from services.contracts.base import Role, Term
from services.contracts.claims.terms import Category, UnitKind
from services.contracts.staffing.terms import CommunityGrade, Post

TermT = TypeVar("TermT", bound=Term)

SOURCE = Path(__file__).parent / "source"

_SEED = "共治示例城市"
_RESIDENTS = 3000
_EMPLOYED_IN_UNITS = 0.3


@dataclass(frozen=True, kw_only=True)
class Community:
    code: str
    community_name: str
    street: str
    grade: CommunityGrade
    households: int
    population: int

    @property
    def grids(self) -> list[str]:
        """A grid for about every 500 households."""
        return [f"{self.code}{number:03}" for number in range(1, self.households // 500 + 2)]


@dataclass(frozen=True, kw_only=True)
class Unit:
    short_name: str
    uscc: str
    unit_name: str
    kind: UnitKind
    functions: list[Category]
    community_codes: list[str]


@dataclass(frozen=True, kw_only=True)
class Resident:
    community_code: str
    resident_name: str
    identity_number: str
    grid_code: str
    employer_uscc: str


@dataclass(frozen=True, kw_only=True)
class Worker:
    community_code: str
    worker_name: str
    post: Post
    since_on: date


@dataclass(frozen=True, kw_only=True)
class Account:
    username: str
    display_name: str
    roles: list[Role]
    community_codes: list[str]
    unit_uscc: str | None


def read_source(name: str) -> list[dict[str, str]]:
    with (SOURCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def communities() -> list[Community]:
    return [
        Community(
            code=row["社区代码"],
            community_name=row["社区"],
            street=row["街道"],
            grade=labelled(CommunityGrade, row["等级"]),
            households=int(row["户数"]),
            population=int(row["人口"]),
        )
        for row in read_source("communities.csv")
    ]


_CODE_PREFIXES = {
    UnitKind.GOVERNMENT: ("11231102", "MB1"),
    UnitKind.INSTITUTION: ("12231102", "MB0"),
    UnitKind.ENTERPRISE: ("91231102", "MA1"),
    UnitKind.SOCIAL_ORGANISATION: ("52231102", "MJ4"),
}


def units() -> list[Unit]:
    chance = random.Random(f"{_SEED}/单位")
    codes = {community.community_name: community.code for community in communities()}
    found = []
    for row in read_source("units.csv"):
        kind = labelled(UnitKind, row["类型"])
        prefix, organisation = _CODE_PREFIXES[kind]
        found.append(
            Unit(
                short_name=row["简称"],
                uscc=_credit_code(prefix, f"{organisation}{chance.randrange(100_000):05}"),
                unit_name=row["单位名称"],
                kind=kind,
                functions=[labelled(Category, label) for label in row["职能"].split("、")],
                community_codes=[codes[name] for name in row["服务社区"].split("、")],
            )
        )
    return found


def _credit_code(prefix: str, organisation: str) -> str:
    """`prefix`: department, type and division; `organisation`: the organisation code without its check digit."""
    body = prefix + organisation + organisation_check(organisation)
    return body + code_check(body)


_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
_FIRST = "文明玉春志海淑桂建秀立振晓丽永国金凤宝庆红佳思雨子嘉景世德忠光福兴俊雪冬江"
_SECOND = "华英兰军平芳民强梅珍琴霞涛林生峰燕杰伟宁波玲敏辉成洋博涵彤阳欣然达山岩松柏"
_AREAS = ("231102", "231183", "231121", "231123", "231124", "231181", "231182", "232601", "232602")


def residents() -> Iterator[Resident]:
    """Each community's share follows its population."""
    chance = random.Random(f"{_SEED}/居民")
    everybody = communities()
    employers = {
        community.code: [unit.uscc for unit in units() if community.code in unit.community_codes]
        for community in everybody
    }
    numbers = _identity_numbers(chance)
    population = sum(community.population for community in everybody)
    for community in everybody:
        for _ in range(round(_RESIDENTS * community.population / population)):
            has_unit = chance.random() < _EMPLOYED_IN_UNITS and bool(employers[community.code])
            yield Resident(
                community_code=community.code,
                resident_name=_name(chance),
                identity_number=next(numbers),
                grid_code=chance.choice(community.grids),
                employer_uscc=chance.choice(employers[community.code]) if has_unit else "",
            )


def workers() -> list[Worker]:
    """Between two and four fifths of the posts that 18 per 10,000 residents ask for."""
    chance = random.Random(f"{_SEED}/工作人员")
    found = []
    for community in communities():
        required = math.ceil(community.population * 18 / 10_000)
        filled = round(required * chance.uniform(0.4, 0.8))
        names: dict[str, None] = {}
        while len(names) < filled:
            names[_name(chance)] = None
        posts = [Post.DIRECTOR, Post.DEPUTY] + [Post.WORKER, Post.GRID_WORKER] * required
        found += [
            Worker(
                community_code=community.code,
                worker_name=name,
                post=post,
                since_on=date(chance.randrange(2018, 2026), chance.randrange(1, 13), 1),
            )
            for name, post in zip(names, posts, strict=False)
        ]
    return found


def _name(chance: random.Random) -> str:
    given = chance.choice(_FIRST) if chance.random() < 0.6 else ""
    return chance.choice(_SURNAMES) + given + chance.choice(_SECOND)


def _identity_numbers(chance: random.Random) -> Iterator[str]:
    used = set()
    while True:
        born = date(1900, 1, 1) + timedelta(days=chance.randrange(365))
        body = f"{chance.choice(_AREAS)}{born:%Y%m%d}{chance.randrange(1, 1000):03}"
        number = body + check_character(body)
        if number not in used:
            used.add(number)
            yield number


_CITY_ACCOUNTS = [
    ("admin", "市民政局 管理员", Role.CITY_ADMIN),
    ("officer", "市民政局 考核专员", Role.CITY_OFFICER),
    ("auditor", "市级 审计员", Role.AUDITOR),
    ("security", "市级 安全管理员", Role.SECURITY_ADMIN),
    ("operator", "市级 系统运维", Role.OPERATOR),
]
_COMMUNITY_ACCOUNTS = [
    ("hailan", "海兰社区", "书记", Role.COMMUNITY_MANAGER),
    ("hailan-worker", "海兰社区", "社区工作者", Role.COMMUNITY_WORKER),
    ("hailan-supervisor", "海兰社区", "居务监督委员会", Role.SUPERVISOR),
    ("huayuan", "花园社区", "书记", Role.COMMUNITY_MANAGER),
    ("tongjiang", "通江社区", "书记", Role.COMMUNITY_MANAGER),
    ("xixing", "西兴社区", "书记", Role.COMMUNITY_MANAGER),
]
_UNIT_ACCOUNTS = [
    ("wuye", "物业甲"),
    ("huanwei", "环卫"),
    ("reli", "热力"),
    ("yinhang", "银行"),
    ("shegong", "社工"),
]


def accounts() -> list[Account]:
    """One of every kind; the passwords are made when the sample city is loaded."""
    codes = {community.community_name: community.code for community in communities()}
    by_short_name = {unit.short_name: unit for unit in units()}
    city = [
        Account(username=username, display_name=name, roles=[role], community_codes=[], unit_uscc=None)
        for username, name, role in _CITY_ACCOUNTS
    ]
    local = [
        Account(
            username=username,
            display_name=f"{place} {post}",
            roles=[role],
            community_codes=[codes[place]],
            unit_uscc=None,
        )
        for username, place, post, role in _COMMUNITY_ACCOUNTS
    ]
    liaisons = [
        Account(
            username=username,
            display_name=f"{by_short_name[unit].unit_name} 联络员",
            roles=[Role.UNIT_LIAISON],
            community_codes=by_short_name[unit].community_codes,
            unit_uscc=by_short_name[unit].uscc,
        )
        for username, unit in _UNIT_ACCOUNTS
    ]
    return city + local + liaisons


def labelled(vocabulary: type[TermT], label: str) -> TermT:
    term = vocabulary.labelled(label)
    if term is None:
        raise ValueError(f"{vocabulary.__name__} has no {label}")
    return term
