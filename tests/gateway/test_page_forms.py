"""Forms as people use them: sent once, answered with a redirect, refused in place with the input kept."""

import io
import re
from typing import Any

import pytest
from flask import Flask

from services.contracts.base import DeadlineExceeded
from tests.gateway import fake_sample as sample
from tests.gateway.browsing import Person, hidden_fields, words
from tests.gateway.fake_services import FakePlatform
from tests.gateway.pages_app import HAILAN, same_app

HEADER = "事项编号,社区,服务类型,事项类别,事项名称,受益人数,数量,计量单位,办结期限\n"
NEW_ROW = ",海兰社区,便民利民,便民服务,磨刀修伞,80,1,场,2026-12-20\n"
WRONG_ROW = ",花园社区,便民利民,便民服务,家电维修,80,1,场,\n"


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def app(platform: FakePlatform) -> Flask:
    return same_app(platform)


@pytest.fixture
def city(app: Flask) -> Person:
    return Person.signed_in(app, "city")


def some_item(platform: FakePlatform, status: str) -> dict[str, Any]:
    return next(item for item in platform.claims.items.values() if item["status"] == status)


def new_item(**but: Any) -> dict[str, Any]:
    return {
        "title": "单元门前除雪",
        "community_id": str(HAILAN),
        "service_class": "convenience",
        "category": "winter_duty",
        "beneficiaries": "300",
        "quantity": "12",
        "measure": "次",
        "budget_yuan": "36,000.50",
        "supports": ["money", "people"],
        "due_on": sample.day(30),
        **but,
    }


def test_a_new_item_is_saved_and_shown(city: Person, platform: FakePlatform) -> None:
    answered = city.send("/items/new", "/items/new", **new_item())

    assert answered.status_code == 303
    shown = words(city.page(answered.location))
    assert "已保存为草稿" in shown
    assert "36,000.50 元" in shown
    assert "资金、人力" in shown


def test_a_refused_form_keeps_its_input_and_names_each_mistake(city: Person) -> None:
    answered = city.send("/items/new", "/items/new", **new_item(beneficiaries="0", grid_code="12"))

    assert answered.status_code == 422
    shown = words(answered.text)
    assert "有 2 处需要改正" in shown
    assert "网格编码应为 15 位数字" in shown
    assert 'value="单元门前除雪"' in answered.text
    assert '<option value="winter_duty" selected>' in answered.text
    assert re.search(r'value="money" checked', answered.text)
    assert re.search(
        r'name="beneficiaries" type="number" value="0" required aria-invalid="true"', answered.text
    )


def test_money_that_is_none_is_refused_beside_its_field(city: Person) -> None:
    answered = city.send("/items/new", "/items/new", **new_item(budget_yuan="很多"))

    assert answered.status_code == 422
    assert "应为金额" in words(answered.text)
    assert 'value="很多"' in answered.text


def test_a_claim_goes_through_to_the_commendation(city: Person, platform: FakePlatform) -> None:
    item = some_item(platform, "published")
    page = f"/items/{item['item_id']}"
    unit_id = platform.claims.units[0]["unit_id"]

    city.send(page, f"{page}/claim_item", unit_id=unit_id, kind="whole")
    claim = f"{page}/claims/{item['claims'][0]['claim_id']}"
    city.send(page, f"{claim}/confirm_claim", agreement="共建〔2026〕8 号")
    city.send(page, f"{claim}/report_milestone", milestone_title="完成一期", percent="40")
    city.send(page, f"{claim}/submit_claim", summary="全部完成。")
    city.send(page, f"{claim}/send_back_claim", reason="缺少照片。")
    city.send(page, f"{claim}/submit_claim", summary="已补照片。")
    city.send(page, f"{claim}/verify_claim", note="属实。")
    city.send(page, f"{page}/assess_item", score="92.50")

    shown = words(city.page(page))
    assert item["status"] == "verified"
    for word in ("共建〔2026〕8 号", "完成一期", "已补照片。", "退回：缺少照片。", "核验通过", "考核 92.5"):
        assert word in shown


def test_a_conflict_is_told_at_the_form_with_the_input_kept(city: Person, platform: FakePlatform) -> None:
    item = some_item(platform, "published")
    page = f"/items/{item['item_id']}"

    answered = city.send(
        page,
        f"{page}/claim_item",
        unit_id=platform.claims.units[1]["unit_id"],
        kind="partial",
        quantity="99",
        note="周末施工",
    )

    assert answered.status_code == 409
    form = answered.text.partition('id="act-claim_item" open')[2].partition("</form>")[0]
    assert "只剩 12" in words("<main>" + form)
    assert 'value="99"' in form
    assert "周末施工" in form


def test_a_stale_form_is_refused_and_shown_with_the_present_version(
    city: Person, platform: FakePlatform
) -> None:
    item = some_item(platform, "verified")
    page = f"/items/{item['item_id']}"

    answered = city.send(page, f"{page}/assess_item", score="90", expected_version=str(item["version"] - 1))

    assert answered.status_code == 412
    assert "刚被他人修改" in words(answered.text)
    assert f'name="expected_version" value="{item["version"]}"' in answered.text


def test_sending_the_same_form_twice_has_one_effect(city: Person, platform: FakePlatform) -> None:
    item = some_item(platform, "published")
    page = f"/items/{item['item_id']}"
    unit_id = platform.claims.units[0]["unit_id"]
    fields = {
        **hidden_fields(city.page(page), f"{page}/claim_item"),
        "unit_id": unit_id,
        "kind": "partial",
        "quantity": "2",
    }

    first = city.client.post(f"{page}/claim_item", data=fields)
    second = city.client.post(f"{page}/claim_item", data=fields)

    assert (first.status_code, second.status_code) == (303, 303)
    assert len(item["claims"]) == 1


def test_after_an_answer_that_never_came_the_same_key_is_tried_again(
    city: Person, platform: FakePlatform
) -> None:
    item = some_item(platform, "published")
    page = f"/items/{item['item_id']}"
    fields = {
        **hidden_fields(city.page(page), f"{page}/claim_item"),
        "unit_id": platform.claims.units[0]["unit_id"],
    }
    real = platform.claims.claim_item

    def lost(*_: Any, **__: Any) -> Any:
        raise DeadlineExceeded("没有及时得到答复，请稍后再试。")

    platform.claims.claim_item = lost  # type: ignore[method-assign]
    answered = city.client.post(f"{page}/claim_item", data=fields)
    platform.claims.claim_item = real  # type: ignore[method-assign]

    assert answered.status_code == 504
    assert f'name="idempotency_key" value="{fields["idempotency_key"]}"' in answered.text


def test_a_form_without_its_token_is_refused(city: Person, platform: FakePlatform) -> None:
    answered = city.client.post("/items/new", data=new_item(), headers={"Accept": "text/html"})

    assert answered.status_code == 400
    assert "页面已过期" in answered.text
    assert platform.sent("claims.create_item") == []


def test_a_unit_with_a_wrong_code_is_refused_beside_the_field(city: Person) -> None:
    answered = city.send(
        "/units/new",
        "/units/new",
        unit_name="某单位",
        uscc="91110000100000000X",
        kind="enterprise",
        community_ids=[str(HAILAN)],
    )

    assert answered.status_code == 422
    assert "校验码不对" in words(answered.text)


# ---- claim lists ---------------------------------------------------------------------------------


def upload(person: Person, text: str) -> str:
    answered = person.send(
        "/claim-lists/import", "/claim-lists/import", file=(io.BytesIO(text.encode("utf-8-sig")), "清单.csv")
    )
    assert answered.status_code == 303, answered.text
    assert "正在读取" in words(person.page(answered.location))
    return str(answered.location)


def test_a_file_with_mistakes_is_shown_by_its_wrong_rows_only(city: Person, platform: FakePlatform) -> None:
    shown = words(city.page(upload(city, HEADER + NEW_ROW + WRONG_ROW)))

    assert "文件有 1 处问题" in shown
    assert "家电维修" in shown
    assert "磨刀修伞" not in shown
    assert "3" in shown.partition("Excel 行号")[2]
    assert "改正后重新上传" in shown
    assert platform.sent("claims.import_claim_list") == []


def test_a_good_file_is_previewed_imported_and_published(city: Person, platform: FakePlatform) -> None:
    changed = "RL-2026-0001,海兰社区,便民利民,冬季除雪,海兰小区除雪,100,2,次,2026-12-31\n"
    place = upload(city, HEADER + changed + NEW_ROW)
    preview = words(city.page(place))
    assert "新增 1" in preview
    assert "修改 1" in preview
    assert "海兰小区除雪" in preview

    imported = city.send(place, place, title="第四季度补充清单")
    shown = words(city.page(imported.location))
    assert "已导入 2 项" in shown
    assert "第四季度补充清单" in shown

    action = f"{imported.location}/publish_claim_list"
    city.send(imported.location, action, party_study_on=sample.day(-1), claim_until_on=sample.day(14))
    assert "已发布 2 项" in words(city.page(imported.location))


def test_the_same_file_is_not_imported_twice(city: Person) -> None:
    text = HEADER + NEW_ROW
    for place in (upload(city, text), upload(city, text)):
        answered = city.send(place, place, title="清单")

    assert answered.status_code == 409
    assert "已经导入过" in words(answered.text)


@pytest.mark.parametrize(("text", "said"), [("", "请选择"), ("不是清单\n", "无法读取")])
def test_a_file_that_is_no_claim_list_is_refused_in_place(city: Person, text: str, said: str) -> None:
    answered = city.send(
        "/claim-lists/import", "/claim-lists/import", file=(io.BytesIO(text.encode()), "x.csv")
    )
    if answered.status_code == 303:
        city.read(answered.location)
    page = city.page(answered.location) if answered.status_code == 303 else answered.text

    assert said in words(page)
    assert "上传并预览" in words(page)


# ---- polls, deliveries, subscriptions --------------------------------------------------------------


def test_a_poll_can_be_closed_before_its_time(city: Person, platform: FakePlatform) -> None:
    poll = next(poll for poll in platform.consultation.polls.values() if poll["status"] == "open")
    page = f"/polls/{poll['poll_id']}"

    city.send(page, f"{page}/close_poll")

    shown = words(city.page(page))
    assert "已结束" in shown
    assert "非常满意" in shown
    assert "30 人" in shown


def test_a_failed_delivery_is_sent_again_and_the_list_keeps_its_place(
    city: Person, platform: FakePlatform
) -> None:
    failed = next(one for one in platform.notifications.deliveries if one["status"] == "failed")
    page = "/deliveries?status=failed"

    answered = city.send(page, f"/deliveries/{failed['delivery_id']}/resend_delivery")

    assert answered.location == page
    assert "已安排重新发送" in words(city.page(page))
    assert failed["status"] == "waiting"


def test_subscriptions_are_added_refused_and_removed(city: Person, platform: FakePlatform) -> None:
    page = "/subscriptions"
    fields = {"channel": "email", "label": "街道办", "address": "jd@example.org"}

    assert city.send(page, page, **fields).status_code == 303
    again = city.send(page, page, **fields)
    assert again.status_code == 409
    assert "已经订阅过" in words(again.text)

    made = platform.notifications.subscriptions[-1]["subscription_id"]
    city.send(page, f"{page}/{made}/remove_subscription")
    assert "街道办" not in words(city.page(page))


# ---- answering a poll ------------------------------------------------------------------------------


def test_a_resident_answers_once(app: Flask) -> None:
    resident = Person.visiting(app)
    link = "/polls/answer/open-token"

    asked = words(resident.page(link))
    for grade in ("非常满意", "满意", "基本满意", "不满意", "非常不满意"):
        assert grade in asked
    answered = resident.send(link, link, satisfaction="satisfied")
    assert answered.status_code == 303
    assert "谢谢您的参与" in words(resident.page(answered.location))
    assert "您已经作答" in words(resident.page(link))


def test_answering_without_a_choice_asks_again(app: Flask) -> None:
    answered = Person.visiting(app).send("/polls/answer/open-token", "/polls/answer/open-token")

    assert answered.status_code == 422
    assert "选项" in words(answered.text)


@pytest.mark.parametrize(
    ("token", "status", "said"),
    [("answered-token", 200, "您已经作答"), ("closed-token", 200, "已经结束"), ("made-up", 404, "链接无效")],
)
def test_links_that_no_longer_or_never_led_anywhere_say_so(
    app: Flask, token: str, status: int, said: str
) -> None:
    answered = Person.visiting(app).read(f"/polls/answer/{token}")

    assert answered.status_code == status
    assert said in words(answered.text)
