"""Auditors read words: every act that can be written has one."""

import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from gateway import audit_words
from gateway.auth.policy import policy_of
from services.chassis.db import Database
from services.contracts.base import Role
from tests.audit.everybody import CLASSES
from tests.audit.people import SignIn, register
from tests.gateway.browsing import Person, words

PROJECT = Path(__file__).parents[2]


def written(app: Flask) -> Iterator[str]:
    """By the doors of services and routes, and by name: in the gateway, on the command line, for parked events."""
    for cls in CLASSES:
        yield from (name for name in dir(cls) if hasattr(getattr(cls, name), "schema"))
    for rule in app.url_map.iter_rules():
        policy = policy_of(app.view_functions[rule.endpoint])
        if policy is not None and not policy.is_public:
            yield rule.endpoint.rpartition(".")[2]
    yield "accept_invitation"
    for place in ("gateway/personal.py", "gateway/pages", "gateway/auth", "gateway/storage/users.py"):
        for file in (PROJECT / place).rglob("*.py") if not place.endswith(".py") else [PROJECT / place]:
            yield from re.findall(r'\baudit\.note\(\s*"([a-z_]+)"', file.read_text())
            yield from re.findall(r'"gateway\.([a-z_]+)"', file.read_text())
    console = (PROJECT / "deploy/gongzhi/users.py").read_text()
    yield from re.findall(r'_noted\("([a-z_]+)"', console)
    yield from re.findall(r'"([a-z_]+_user)" if is_active else "([a-z_]+)"', console)[0]
    parked = (PROJECT / "services/chassis/parked.py").read_text()
    yield from re.findall(r'_decide\(tx, held, "([a-z_]+)"', parked)


def test_every_act_that_can_be_written_has_a_word(app: Flask) -> None:
    acts = set(written(app))

    assert {"sign_in", "claim_item", "unmask", "reopen_user", "enable_break_glass", "replay"} <= acts
    assert acts - set(audit_words.WORDS) == set()


def test_no_two_acts_have_the_same_word_and_an_unknown_one_keeps_its_code() -> None:
    assert len(set(audit_words.WORDS.values())) == len(audit_words.WORDS)
    assert audit_words.word_of("claims.claim_item") == audit_words.word_of("gateway.api_items.claim_item")
    assert audit_words.word_of("gateway.something_new") == "gateway.something_new"


def test_the_page_speaks_in_words_and_names_and_finds_by_word(
    app: Flask, signed_in: SignIn, database: Database
) -> None:
    register(signed_in(Role.CITY_ADMIN), 1)
    signed_in(Role.AUDITOR)
    auditor = Person.signed_in(app, f"user-{Role.AUDITOR}")

    page = auditor.page("/audit")
    assert '<option value=".register_community">登记社区</option>' in page
    listed = words("<main>" + page.partition('id="list"')[2])
    assert "登记社区" in listed
    assert Role.CITY_ADMIN.label in listed, "the name of the account"
    found = auditor.page("/audit?act=.register_community")
    listed = words("<main>" + found.partition('id="list"')[2])
    assert "登记社区" in listed
    assert "登录" not in listed


def test_a_word_finds_its_own_act_and_no_longer_one(signed_in: SignIn) -> None:
    auditor = signed_in(Role.AUDITOR)

    found = auditor.get("/audit?act=.sign_in").json["items"]

    assert {row["act"] for row in found} == {"gateway.sign_in"}
    assert auditor.get("/audit?act=.sign").json["items"] == []
    assert auditor.get("/audit?act=sign").json["items"] != []


def test_a_code_without_word_stays_to_be_chosen(app: Flask, signed_in: SignIn) -> None:
    signed_in(Role.AUDITOR)
    auditor = Person.signed_in(app, f"user-{Role.AUDITOR}")

    page = auditor.page("/audit?act=gateway.something_new")

    assert '<option value="gateway.something_new" selected>gateway.something_new</option>' in page
