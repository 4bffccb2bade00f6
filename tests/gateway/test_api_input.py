"""The API's finer points of reading: where a complaint points to, versions that were lost, numbers with a point."""

import pytest
from flask import Flask

from services.contracts.base import Role, invalid_field
from tests.gateway.fakes import FakeServices, SignIn
from tests.gateway.test_api import ITEM, TOKEN, UNIT

BODY = {
    "community_id": str(UNIT),
    "title": "清雪",
    "service_class": "welfare",
    "category": "winter_duty",
    "beneficiaries": 5.0,
    "quantity": 1,
    "measure": "处",
    "due_on": "2026-12-08",
}


def test_what_a_service_finds_wrong_in_a_query_is_named_as_a_parameter(
    signed_in: SignIn, services: FakeServices
) -> None:
    services.answers["claims.list_items"] = invalid_field("cursor", "翻页标记无效。")

    refused = signed_in(Role.CITY_ADMIN).get("/items?cursor=x")

    assert refused.json["errors"] == [{"parameter": "cursor", "detail": "翻页标记无效。"}]


def test_what_a_service_finds_wrong_in_the_address_is_named_as_a_parameter(
    signed_in: SignIn, services: FakeServices
) -> None:
    services.answers["consultation.answer_poll"] = invalid_field("token", "含有不可用的控制字符。")

    refused = signed_in(Role.CITY_ADMIN).post(f"/ballots/{TOKEN}/answer", json={"satisfaction": "satisfied"})

    assert refused.json["errors"] == [{"parameter": "token", "detail": "含有不可用的控制字符。"}]


@pytest.mark.parametrize("sent", ["", '""', "W/", '"1.5"', '"1", "2"', "1" * 10])
def test_a_version_that_was_lost_on_the_way_overwrites_nothing(
    signed_in: SignIn, services: FakeServices, sent: str
) -> None:
    refused = signed_in(Role.CITY_OFFICER).post(
        f"/items/{ITEM}/assessment", json={"score": "95.50"}, headers={"If-Match": sent}
    )

    assert refused.status_code == 422
    assert services.asked == []


def test_a_whole_number_may_be_written_with_a_point(signed_in: SignIn, services: FakeServices) -> None:
    worker = signed_in(Role.COMMUNITY_WORKER)

    worker.post("/items", json=BODY)
    refused = worker.post("/items", json={**BODY, "beneficiaries": 5.5})

    assert [asked.data["beneficiaries"] for asked in services.asked] == [5]
    assert refused.json["errors"] == [{"pointer": "/beneficiaries", "detail": "应为整数。"}]


def test_the_document_names_every_status_and_what_comes_with_it(app: Flask) -> None:
    document = app.extensions["openapi"].to_dict()
    operations = [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]

    assert all("default" not in operation["responses"] for operation in operations)
    assert all({"400", "422", "503", "504"} <= set(operation["responses"]) for operation in operations)
    for operation in operations:
        assert ("401" in operation["responses"]) == bool(operation["security"]) or operation["tags"] == [
            "session"
        ]
    later = [name for name, response in document["components"]["responses"].items() if "headers" in response]
    assert later == ["TOO_MANY_REQUESTS", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT"]
    assert "explanation" in document["components"]["schemas"]["ScoreView"]["required"]
