"""Two communities with real claims behind the pages, and those who work at the alliance there."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from gateway.auth import accounts
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import SYSTEM, Role
from tests.builders import HUAYUAN, HUAYUAN_CODE, XINGAN, XINGAN_CODE, community_registered, make_uscc
from tests.gateway.browsing import Person
from tests.gateway.one_app import furnished
from tests.gateway.pages_app import PASSWORD
from tests.gateway.real_services import RealServices

PLACES = ((HUAYUAN, HUAYUAN_CODE, "花园社区"), (XINGAN, XINGAN_CODE, "兴安社区"))
APPLICATION = {
    "uscc": make_uscc(5),
    "unit_name": "黑河学院",
    "kind": "institution",
    "functions": "culture",
    "community_ids": str(HUAYUAN),
    "introduction": "可以办讲座",
    "contact_name": "关海兰",
    "post": "主任",
    "contact_phone": "0456-8223344",
}


class World:
    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        self.services = RealServices(service_db, keeps=True)
        self.gateway = service_db("gateway")
        for place in PLACES:
            self.services._tell(community_registered(*place))
        self.app: Flask = furnished(settings, self.services, database=self.gateway)  # type: ignore[arg-type]
        self.unit_id = self.call(
            "register_unit",
            uscc=make_uscc(1),
            unit_name="黑河供电公司",
            kind="enterprise",
            community_ids=[str(HUAYUAN)],
        )["unit_id"]
        for name, role, rights in (
            ("city", Role.CITY_ADMIN, {}),
            ("director", Role.COMMUNITY_MANAGER, {"community_ids": (HUAYUAN,)}),
            ("worker", Role.COMMUNITY_WORKER, {"community_ids": (HUAYUAN,)}),
            ("neighbour", Role.COMMUNITY_WORKER, {"community_ids": (XINGAN,)}),
            ("liaison", Role.UNIT_LIAISON, {"unit_id": self.unit_id}),
        ):
            accounts.add_user(
                self.gateway,
                username=name,
                display_name=role.label,
                password=PASSWORD,
                roles=(role,),
                **rights,  # type: ignore[arg-type]
            )

    def call(self, method: str, **fields: Any) -> dict[str, Any]:
        answered: dict[str, Any] = self.services.call("claims", method, fields, actor=SYSTEM)
        return answered

    def person(self, name: str) -> Person:
        return Person.signed_in(self.app, name)
