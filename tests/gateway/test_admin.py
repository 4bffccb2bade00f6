"""The security administrator's pages: accounts, grants, sessions, the sign-in log and what is in force."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway.auth import accounts
from gateway.storage import users
from gateway.storage.users import User
from services.chassis.clock import local_today
from services.chassis.db import Database
from services.contracts.base import Role
from tests.gateway.browsing import Person
from tests.gateway.fakes import FakeServices

PASSWORD = "correct-horse-battery"
HAILAN = UUID(int=11)
LISTED = [{"community_id": str(HAILAN), "community_name": "海兰社区", "street": "西兴街道"}]

SignIn = Callable[..., Person]


@pytest.fixture
def opened(database: Database, services: FakeServices) -> dict[str, User]:
    """A security administrator, and a worker of one community."""
    services.answers["staffing.list_communities"] = {"items": LISTED}
    made = {}
    for username, role, rights in (
        ("security", Role.SECURITY_ADMIN, {}),
        ("auditor", Role.AUDITOR, {}),
        ("operator", Role.OPERATOR, {}),
        ("worker", Role.COMMUNITY_WORKER, {"community_ids": (HAILAN,)}),
    ):
        made[username] = accounts.add_user(
            database,
            username=username,
            display_name=role.label,
            password=PASSWORD,
            roles=(role,),
            **rights,  # type: ignore[arg-type]
        )
    return made


@pytest.fixture
def enter(app: Flask, opened: dict[str, User]) -> SignIn:
    app.extensions["places"].refresh()

    def sign_in(username: str = "security", password: str = PASSWORD) -> Person:
        person = Person.visiting(app)
        answered = person.send("/signin", "/signin", username=username, password=password)
        assert answered.status_code == 303, answered.text
        return person

    return sign_in


def as_of_today(database: Database, username: str) -> User:
    with database.reading() as tx:
        found = users.find_user(tx.session, username)
    assert found is not None
    return found[0]


def add_grant(person: Person, user: User, role: Role, where: str, **more: str) -> TestResponse:
    page = f"/admin/users/{user.user_id}"
    return person.send(page, f"{page}/add_grant", role=role.value, where=where, **more)


def shown_password(answered: TestResponse) -> str:
    found = re.search(r'id="one-time-password" value="([^"]+)"', answered.text)
    assert found is not None, answered.text
    return found[1]


def test_an_account_is_opened_with_a_password_for_once(enter: SignIn, database: Database) -> None:
    person = enter()

    answered = person.send("/admin/users/new", "/admin/users/new", username="Zhao", display_name="赵小雨")

    opened = as_of_today(database, "zhao")
    assert (opened.display_name, opened.roles, opened.must_change_password) == ("赵小雨", (), True)
    assert enter("zhao", shown_password(answered))
    assert answered.headers["Cache-Control"] == "no-store"


def test_a_name_that_is_taken_is_told_in_the_form(enter: SignIn) -> None:
    answered = enter().send("/admin/users/new", "/admin/users/new", username="worker")

    assert answered.status_code == 409
    assert "已经有人使用" in answered.text
    assert 'value="worker"' in answered.text


def test_people_are_found_by_name_and_page_by_page(enter: SignIn, database: Database) -> None:
    for number in range(25):
        accounts.add_user(
            database,
            username=f"user-{number:02}",
            display_name=f"网格员{number}",
            password=PASSWORD,
            roles=(),
        )
    person = enter()

    first = person.page("/admin/users?q=网格员")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = person.page(following[1].replace("&amp;", "&"))

    assert "user-00" in first
    assert "user-24" not in first
    assert "user-24" in second
    assert "user-07" in person.page("/admin/users?q=user-07")
    assert "没有符合条件的账号" in person.page("/admin/users?q=%25")


def test_a_right_is_granted_for_a_time_and_revoked_again(
    enter: SignIn, opened: dict[str, User], database: Database
) -> None:
    person, user = enter(), opened["worker"]
    until = (local_today() + timedelta(days=30)).isoformat()

    granted = add_grant(person, user, Role.COMMUNITY_MANAGER, f"community:{HAILAN}", valid_to=until)

    assert granted.status_code == 303, granted.text
    page = person.page(f"/admin/users/{user.user_id}")
    assert until in page
    assert as_of_today(database, "worker").has_role(Role.COMMUNITY_MANAGER)
    row = page.partition("社区书记/主任</td>")[2]
    action = re.search(r'action="([^"]+/revoke_grant)"', row)
    assert action is not None
    person.send(f"/admin/users/{user.user_id}", action[1])
    assert not as_of_today(database, "worker").has_role(Role.COMMUNITY_MANAGER)
    assert "已撤销" in person.page(f"/admin/users/{user.user_id}")


def test_a_right_in_a_street_reaches_the_communities_that_staffing_lists(
    enter: SignIn, opened: dict[str, User], database: Database, services: FakeServices
) -> None:
    person, new = enter(), UUID(int=12)
    services.answers["staffing.list_communities"] = {
        "items": [*LISTED, {"community_id": str(new), "community_name": "新社区", "street": "西兴街道"}]
    }

    add_grant(person, opened["worker"], Role.COMMUNITY_MANAGER, "street:西兴街道")

    assert set(as_of_today(database, "worker").community_ids) == {HAILAN, new}
    assert "西兴街道" in person.page("/admin/grants?role=community_manager")


@pytest.mark.parametrize(
    ("username", "role", "where", "status", "reason"),
    [
        ("security", Role.CITY_ADMIN, "city:", 403, "不能给自己授权"),
        ("auditor", Role.OPERATOR, "city:", 409, "三员分立"),
        ("worker", Role.SUPERVISOR, f"community:{HAILAN}", 409, "居务监督委员会成员不能"),
        ("worker", Role.CITY_ADMIN, f"community:{HAILAN}", 422, "范围应为全市"),
        ("worker", Role.COMMUNITY_MANAGER, "community:海兰", 422, "请从列表中选择"),
    ],
)
def test_what_may_not_be_granted_is_refused_with_its_reason(
    enter: SignIn,
    opened: dict[str, User],
    username: str,
    role: Role,
    where: str,
    status: int,
    reason: str,
) -> None:
    person = enter()
    token = person.page(f"/admin/users/{opened['worker'].user_id}")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', token)
    assert csrf is not None

    refused = person.client.post(
        f"/admin/users/{opened[username].user_id}/add_grant",
        data={"csrf_token": csrf[1], "role": role.value, "where": where},
        headers={"Accept": "text/html"},
    )

    assert refused.status_code == status
    assert reason in refused.text


def test_a_reset_password_is_shown_once_and_ends_all_sessions(enter: SignIn, opened: dict[str, User]) -> None:
    worker, person = enter("worker"), enter()
    page = f"/admin/users/{opened['worker'].user_id}"

    answered = person.send(page, f"{page}/reset_password")

    assert worker.read("/account").status_code == 303
    assert shown_password(answered) not in person.page(page)
    assert enter("worker", shown_password(answered))


def test_a_closed_account_is_out_at_once_and_can_come_back(enter: SignIn, opened: dict[str, User]) -> None:
    worker, person = enter("worker"), enter()
    page = f"/admin/users/{opened['worker'].user_id}"

    person.send(page, f"{page}/close_account")
    was_out = worker.read("/account").status_code
    person.send(page, f"{page}/reopen_account")

    assert was_out == 303
    assert enter("worker")


def test_nobody_closes_himself(enter: SignIn, opened: dict[str, User], database: Database) -> None:
    accounts.add_user(
        database, username="second", display_name="", password=PASSWORD, roles=(Role.SECURITY_ADMIN,)
    )
    person = enter()
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', person.page("/admin/users"))
    assert csrf is not None

    refused = person.client.post(
        f"/admin/users/{opened['security'].user_id}/close_account", data={"csrf_token": csrf[1]}
    )

    assert refused.status_code == 403
    assert as_of_today(database, "security").is_active


def test_a_person_is_renamed(enter: SignIn, opened: dict[str, User], database: Database) -> None:
    page = f"/admin/users/{opened['worker'].user_id}"

    enter().send(page, f"{page}/change_user", display_name="王秀兰")

    assert as_of_today(database, "worker").display_name == "王秀兰"


def test_one_session_or_all_of_a_person_are_ended(enter: SignIn, opened: dict[str, User]) -> None:
    first, second, person = enter("worker"), enter("worker"), enter()
    page = person.page(f"/admin/users/{opened['worker'].user_id}")
    one = re.search(r'action="(/admin/sessions/[^"]+/end_session_of)"', page)
    assert one is not None

    person.send("/admin/sessions", one[1])
    left = [worker.read("/account").status_code for worker in (first, second)]
    person.send("/admin/sessions", f"/admin/sessions/of/{opened['worker'].user_id}/end_sessions_of")

    assert sorted(left) == [200, 303]
    assert [worker.read("/account").status_code for worker in (first, second)] == [303, 303]
    assert person.read("/admin/sessions").status_code == 200


def test_the_sign_in_log_is_filtered(app: Flask, enter: SignIn) -> None:
    enter("worker")
    Person.visiting(app).send("/signin", "/signin", username="worker", password="wrong")
    person = enter()

    refused = person.page("/admin/sign-ins?username=Worker&outcome=refused")

    assert refused.count("<td") == 6
    assert "密码不对" in refused
    assert "没有符合条件的记录" in person.page("/admin/sign-ins?address=203.0.113.9")


def test_what_is_in_force_is_shown_with_where_it_comes_from(enter: SignIn) -> None:
    page = enter("operator").page("/admin/settings")

    assert "30 分钟" in page
    assert "GONGZHI_SESSION_IDLE_MINUTES" in page


@pytest.mark.parametrize(
    ("username", "seen"),
    [
        ("security", {"users", "grants", "sessions", "sign-ins", "settings"}),
        ("auditor", {"users", "grants", "sessions", "sign-ins", "settings"}),
        ("operator", {"settings"}),
        ("worker", set()),
    ],
)
def test_each_of_the_three_powers_sees_its_own_pages(enter: SignIn, username: str, seen: set[str]) -> None:
    person = enter(username)

    answers = {
        name: person.read(f"/admin/{name}").status_code
        for name in ("users", "grants", "sessions", "sign-ins", "settings")
    }

    assert {name for name, status in answers.items() if status == 200} == seen
    assert set(answers.values()) <= {200, 403}


@pytest.mark.parametrize("username", ["security", "auditor", "operator"])
def test_no_entry_of_their_menu_leads_nowhere(enter: SignIn, username: str) -> None:
    person = enter(username)
    menu = person.page("/admin/settings").partition('<aside class="side"')[2].partition("</aside>")[0]

    entries = [entry for entry in re.findall(r'<a href="([^"]+)"', menu) if entry.startswith("/admin/")]

    assert "/admin/settings" in entries
    assert [entry for entry in entries if person.read(entry).status_code != 200] == []


def test_the_auditor_watches_and_has_nothing_to_press(enter: SignIn, opened: dict[str, User]) -> None:
    page = enter("auditor").page(f"/admin/users/{opened['worker'].user_id}")

    main = page.partition("<main")[2]
    assert "<form" not in main
