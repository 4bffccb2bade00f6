"""Taking an import back: through the API and on the page of the list, with real services behind both."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.auth import accounts
from services.chassis.clock import local_today
from services.chassis.config import Config
from services.chassis.db import Database
from services.contracts.base import Role
from tests.builders import HUAYUAN, HUAYUAN_CODE, cells, community_registered
from tests.gateway.browsing import Person, words
from tests.gateway.conftest import PASSWORD
from tests.gateway.fakes import Program
from tests.gateway.one_app import furnished
from tests.gateway.real_services import RealServices

FILE_HASH = "d" * 64


class Office:
    """The manager of Huayuan, at a program and at a browser."""

    def __init__(self, settings: Config, service_db: Callable[[str], Database]) -> None:
        services = RealServices(service_db, keeps=True)
        services._tell(community_registered(HUAYUAN, HUAYUAN_CODE, "花园社区"))
        database = service_db("gateway")
        app = furnished(settings, services, database=database)
        accounts.add_user(
            database,
            username="manager",
            display_name="李主任",
            password=PASSWORD,
            roles=(Role.COMMUNITY_MANAGER,),
            community_ids=(HUAYUAN,),
        )
        client = app.test_client()
        token = client.post("/api/v1/session", json={"username": "manager", "password": PASSWORD}).json[
            "token"
        ]
        self.program = Program(client, token)
        browser = app.test_client()
        browser.set_cookie("gongzhi_session", token)
        self.person = Person(browser)

    def imported(self) -> dict[str, Any]:
        row = cells(code="", due_on=str(local_today() + timedelta(days=30)))
        sent = {
            "title": "第四季度清单",
            "file_name": "清单.xlsx",
            "file_hash": FILE_HASH,
            "rows": [{"row_number": 2, "cells": row}],
        }
        answered = self.program.post("/claim-lists", json=sent)
        assert answered.status_code == 201, answered.text
        made: dict[str, Any] = answered.json
        return made


@pytest.fixture
def office(settings: Config, service_db: Callable[[str], Database]) -> Office:
    return Office(settings, service_db)


def test_a_program_takes_an_import_back_and_sends_the_file_again(office: Office) -> None:
    at = f"/claim-lists/{office.imported()['claim_list_id']}"

    without_reason = office.program.post(f"{at}/undoing", json={})
    undone = office.program.post(f"{at}/undoing", json={"reason": "文件发错了"})
    twice = office.program.post(f"{at}/undoing", json={"reason": "再来一次"})

    assert (without_reason.status_code, undone.status_code, twice.status_code) == (422, 200, 409)
    assert (undone.json["item_count"], undone.json["undo_reason"]) == (0, "文件发错了")
    assert twice.json["type"] == "/problems/claim_list_not_undoable"
    assert office.imported()["draft_count"] == 1


def test_a_person_takes_it_back_on_its_page_and_reads_who_did_and_why(office: Office) -> None:
    at = f"/claim-lists/{office.imported()['claim_list_id']}"

    sent = office.person.send(at, f"{at}/undo_claim_list", reason="文件发错了")

    assert sent.status_code == 303
    page = office.person.page(at)
    assert "李主任" in words(page)
    assert "撤销了这次导入，原因：文件发错了" in words(page)
    assert "undo_claim_list" not in page
    assert "已撤销" in words(office.person.page("/claim-lists"))


def test_a_list_with_something_published_does_not_offer_it(office: Office) -> None:
    at = f"/claim-lists/{office.imported()['claim_list_id']}"
    today = local_today()
    period = {"party_study_on": str(today), "claim_until_on": str(today + timedelta(days=9))}
    assert office.program.post(f"{at}/publication", json=period).status_code == 200

    assert "undo_claim_list" not in office.person.page(at)
    assert office.program.post(f"{at}/undoing", json={"reason": "晚了"}).status_code == 409
