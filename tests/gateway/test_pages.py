"""Pages as people read them: what they contain, who may open them, and what stands when a service is away."""

import re

import pytest
from flask import Flask

from services.contracts.base import DeadlineExceeded, Unavailable
from tests.gateway.browsing import Person, words
from tests.gateway.fake_services import FakePlatform
from tests.gateway.pages_app import OWN_UNIT, people, same_app


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def app(platform: FakePlatform) -> Flask:
    return same_app(platform)


@pytest.fixture
def city(app: Flask) -> Person:
    return Person.signed_in(app, "city")


def item_id(platform: FakePlatform, status: str) -> str:
    return next(item["item_id"] for item in platform.claims.items.values() if item["status"] == status)


def test_the_claim_list_shows_what_staff_look_for(city: Person) -> None:
    page = city.page("/items")

    shown = words(page)
    for word in ("编号", "事项名称", "认领单位", "状态", "进度", "办结期限", "满意度", "操作"):
        assert word in shown
    assert "RL-2026-0136" in shown
    assert "共 136 项，第 1 / 12 页" in shown
    assert "登记认领" in shown
    assert "审核" in shown
    assert re.search(r"逾期 3 天|剩 3 天", shown)


def test_tabs_count_the_items_in_each_state(city: Person) -> None:
    shown = words(city.page("/items"))

    for word, count in (("全部", 136), ("待认领", 17), ("进行中", 52), ("待审核", 17)):
        assert f"{word} {count}" in shown


def test_filters_reach_the_service_and_stay_in_the_form(city: Person, platform: FakePlatform) -> None:
    page = city.page(
        "/items?q=清淤&category=facilities&due_from_on=2026-01-01&community_id=&status=in_progress"
    )

    asked = platform.sent("claims.list_items")[-1]
    assert asked["q"] == "清淤"
    assert asked["category"] == "facilities"
    assert "community_id" not in asked
    assert 'value="清淤"' in page
    assert '<option value="facilities" selected>' in page
    assert set(re.findall(r'<td class="name"><a [^>]+>([^<]+)</a>', page)) == {"雨季排水沟清淤"}


def test_one_can_turn_pages_forwards_and_back(city: Person) -> None:
    first = city.page("/items?q=RL")
    second = city.page(address_of("next", first))
    third = city.page(address_of("next", second))
    back = city.page(address_of("prev", third))

    assert "第 3 / 12 页" in words(third)
    assert "第 2 / 12 页" in words(back)
    assert codes(back) == codes(second)
    assert codes(city.page(address_of("prev", back))) == codes(first)


def address_of(way: str, page: str) -> str:
    found = re.search(rf'rel="{way}" href="([^"]+)"', page)
    assert found is not None, f"there is no {way} page"
    return found[1].replace("&amp;", "&")


def codes(page: str) -> list[str]:
    return re.findall(r"RL-2026-\d{4}(?=</td>)", page)


def test_an_empty_list_says_so_and_shows_a_way_out(city: Person) -> None:
    shown = words(city.page("/items?q=没有这样的事项"))

    assert "没有符合条件的事项" in shown
    assert "查看全部事项" in shown


def test_an_items_page_shows_its_whole_loop(city: Person, platform: FakePlatform) -> None:
    shown = words(city.page(f"/items/{item_id(platform, 'commended')}"))

    for word in (
        "登记",
        "公布待领",
        "民意测验",
        "考核得分",
        "表扬",
        "36,000 元",
        "共建〔2026〕12 号",
        "93.25",
        "优秀",
    ):
        assert word in shown
    assert "考核 92.50 × 50% = 46.25" in shown
    assert "响应及时，质量优良，居民满意。" in shown
    assert "经党组织研究后发布" in shown


@pytest.mark.parametrize(
    ("who", "status", "possible", "hidden"),
    [
        ("city", "draft", ("发布事项",), ("登记认领",)),
        ("worker", "draft", (), ("发布事项",)),
        ("city", "published", ("登记认领",), ("登记考核得分",)),
        ("liaison", "published", ("提交认领",), ("登记认领",)),
        ("city", "submitted", ("核验通过", "退回"), ("提交办结",)),
        ("liaison", "submitted", (), ("核验通过", "退回")),
        ("supervisor", "published", (), ("登记认领", "提交认领")),
        ("officer", "verified", ("登记考核得分",), ()),
    ],
)
def test_only_possible_acts_are_offered(
    app: Flask,
    platform: FakePlatform,
    who: str,
    status: str,
    possible: tuple[str, ...],
    hidden: tuple[str, ...],
) -> None:
    shown = words(Person.signed_in(app, who).page(f"/items/{item_id(platform, status)}"))

    assert [word for word in possible if word not in shown] == []
    assert [word for word in hidden if word in shown] == []


def test_a_liaison_claims_for_his_own_unit_only(app: Flask, platform: FakePlatform) -> None:
    page = Person.signed_in(app, "liaison").page(f"/items/{item_id(platform, 'published')}")

    assert f'name="unit_id" value="{OWN_UNIT}"' in page
    assert '<select class="form-select" id="claim_item-unit_id"' not in page


def test_the_dashboards_numbers_lead_to_the_items_they_count(city: Person) -> None:
    page = city.page("/dashboard")

    shown = words(page)
    for figure in ("128", "83.8%", "91.4%", "94.6%", "2.75 亿元", "2026-11"):
        assert figure in shown
    assert 'href="/items?figure=in_time"' in page
    assert re.search(
        r'<script type="application/json" id="chart-figures" nonce="[^"]+">\{"communities":', page
    )
    assert "以表格查看" in shown


def test_staff_see_which_units_fit_an_item_and_why(city: Person, platform: FakePlatform) -> None:
    item_id = next(one["item_id"] for one in platform.claims.items.values() if one["status"] == "published")

    shown = words(city.page(f"/items/{item_id}"))

    assert "建议单位" in shown
    assert "职能 40.0 / 40：职能相符" in shown


def test_the_inbox_lists_what_waits_most_urgent_first(city: Person) -> None:
    page = city.page("/todo")

    shown = words(page)
    days = re.findall(r'<td class="deadline"><span class="keep">([0-9-]+)', page)
    assert days == sorted(days)
    assert len(days) > 5
    assert "个工作日" in shown
    assert "待发布的事项" in shown
    assert "通知发送失败" in shown


def test_the_inbox_narrows_to_what_is_late_and_to_one_reason(city: Person) -> None:
    late = city.page("/todo?is_late=true")
    reason = city.page("/todo?kind=verify_claim")

    assert "chip-late" in late
    assert "chip-soon" not in late
    assert set(re.findall(r'<td class="keep">(\S+)</td>', reason)) == {"审核办结"}


def test_a_polls_personal_links_come_with_a_code_to_scan(city: Person, platform: FakePlatform) -> None:
    poll_id = next(
        poll["poll_id"] for poll in platform.consultation.polls.values() if poll["status"] == "open"
    )

    page = city.page(f"/polls/{poll_id}/invitations")

    assert "张*" in page
    assert "/polls/answer/" in page
    assert page.count("<svg viewBox=") == 4 or page.count('class="qr"') == 4
    assert "style=" not in page


def test_failed_deliveries_can_be_sent_again_and_others_cannot(city: Person) -> None:
    assert "重新发送" in words(city.page("/deliveries?status=failed"))
    assert "重新发送" not in words(city.page("/deliveries?status=sent"))


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("liaison", "/items/new", 403),
        ("liaison", "/deliveries", 403),
        ("supervisor", "/items/new", 403),
        ("officer", "/claim-lists/import", 403),
        ("operator", "/items", 403),
        ("operator", "/deliveries", 403),
        ("security", "/dashboard", 403),
        ("security", "/account", 200),
        ("officer", "/dashboard", 200),
        ("supervisor", "/items", 200),
    ],
)
def test_pages_are_for_the_roles_that_need_them(app: Flask, who: str, path: str, status: int) -> None:
    answered = Person.signed_in(app, who).read(path)

    assert answered.status_code == status
    assert ("没有权限" in answered.text) == (status == 403)


@pytest.mark.parametrize("who", sorted(people()))
def test_no_entry_of_the_menu_leads_nowhere(app: Flask, who: str) -> None:
    person = Person.signed_in(app, who)
    menu = person.page("/account").partition('<aside class="side"')[2].partition("</aside>")[0]

    # Those of administrators stand on the database, see test_admin.py.
    entries = [entry for entry in re.findall(r'<a href="([^"]+)"', menu) if not entry.startswith("/admin/")]
    # What stands on the gateway's own database is opened with one, in tests/personal.
    refused = [
        entry for entry in entries if entry != "/personal-requests" and person.read(entry).status_code != 200
    ]

    assert entries
    assert refused == []


def test_who_has_not_signed_in_is_asked_to_and_then_brought_back(app: Flask) -> None:
    person = Person.visiting(app)

    asked = person.read("/items?q=除雪")
    assert asked.status_code == 303
    page = person.read(asked.location).text

    assert 'name="next" value="/items?q=' in page


@pytest.mark.parametrize(
    "away", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"]
)
def test_signing_in_never_leads_away_from_here(app: Flask, away: str) -> None:
    person = Person.visiting(app)

    answered = person.send("/signin", "/signin", username="city", password="sample-pass-2026", next=away)

    assert answered.location == "/dashboard"


def test_a_wrong_password_is_refused_on_the_page_itself(app: Flask) -> None:
    answered = Person.visiting(app).send("/signin", "/signin", username="city", password="wrong")

    assert answered.status_code == 401
    assert "用户名或密码不正确" in words(answered.text)
    assert 'value="city"' in answered.text


def test_the_public_board_shows_notices_and_progress_without_signing_in(app: Flask) -> None:
    shown = words(Person.visiting(app).page("/board"))

    assert "楼道杂物清理整治已被认领" in shown
    assert "认领单位：" in shown


def test_drafts_are_not_shown_to_the_public(app: Flask) -> None:
    visitor = Person.visiting(app)

    assert "草稿" not in words(visitor.page("/public/items"))


def test_the_board_stands_when_one_service_is_away(app: Flask, platform: FakePlatform) -> None:
    platform.failing["notifications"] = Unavailable("通知服务暂时不可用。")

    shown = words(Person.visiting(app).page("/board"))

    assert "公告暂时没有回应" in shown
    assert "认领事项进展" in shown
    assert "楼道杂物清理整治" in shown


def test_an_items_page_stands_when_notifications_and_polls_are_away(
    city: Person, platform: FakePlatform
) -> None:
    platform.failing["notifications"] = DeadlineExceeded("超时。")
    platform.failing["consultation"] = DeadlineExceeded("超时。")

    shown = words(city.page(f"/items/{item_id(platform, 'verified')}"))

    assert "通知服务暂时没有回应" in shown
    assert "民意测验服务暂时没有回应" in shown


def test_a_missing_item_has_a_page_of_its_own(city: Person) -> None:
    answered = city.read("/items/00000000-0000-0000-0000-000000000000")

    assert answered.status_code == 404
    assert "没有找到这个事项" in answered.text
    assert "请求编号" in answered.text


def test_the_large_type_version_is_kept_and_can_be_left(app: Flask) -> None:
    visitor = Person.visiting(app)

    switched = visitor.send("/board", "/large-type")
    assert switched.location == "/board"
    assert 'class="elder"' in visitor.page("/board")

    visitor.send("/board", "/large-type")
    assert 'class="elder"' not in visitor.page("/board")


def test_titles_with_markup_stay_text(city: Person, platform: FakePlatform) -> None:
    wanted = item_id(platform, "in_progress")
    platform.claims.items[wanted]["title"] = '<script>alert("x")</script>'

    assert "<script>alert" not in city.page(f"/items/{wanted}")
    assert "<script>alert" not in city.page("/items")
