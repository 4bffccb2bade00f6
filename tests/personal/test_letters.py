"""Consent from letter to withdrawal: a real letter, the link in it, the button behind it, and silence."""

import re
from uuid import uuid4

import pytest

from deploy.demo.client import wait_for
from tests.faults.everyday import View
from tests.personal.journey import Place, Visitor, letters_to
from tests.platform import Platform

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def place(platform: Platform) -> Place:
    return Place.of(platform)


def new_address() -> str:
    return f"{uuid4().hex[:12]}@example.cn"


def subscriptions(place: Place) -> dict[str, View]:
    found = place.admin.each("/subscriptions", community_id=place.community_id)
    return {one["subscription_id"]: one for one in found}


def test_the_link_of_a_letter_withdraws_the_consent_and_no_further_letter_comes(
    platform: Platform, place: Place
) -> None:
    leaving, staying = new_address(), new_address()
    ours, theirs = (
        place.subscribed(address, label=address[:12])["subscription_id"] for address in (leaving, staying)
    )

    place.claimed_item("第一件")
    [letter] = wait_for(lambda: letters_to(platform, leaving), "第一封邮件")
    link = re.search(r"退订：(\S+)", letter)
    assert link is not None, letter
    assert link[1].startswith(platform.url)
    path = link[1].removeprefix(platform.url)
    reader = Visitor(platform.url)

    page = reader.read(path)
    assert "退订并撤回同意" in page
    assert leaving not in page
    assert ours in subscriptions(place)

    answered = reader.send(page, path)
    assert answered.ok
    assert "已经退订" in answered.text
    assert {ours, theirs} & subscriptions(place).keys() == {theirs}

    item_id = place.claimed_item("第二件")
    wait_for(lambda: len(letters_to(platform, staying)) == 2, "留下的人的第二封邮件")
    told = {one["recipient"] for one in mails_of(place, item_id)}
    assert told & {leaving[:12], staying[:12]} == {staying[:12]}
    assert len(letters_to(platform, leaving)) == 1
    assert "已经退订" in reader.read(path)


def test_a_letter_that_waits_when_the_consent_is_withdrawn_is_not_sent(
    platform: Platform, place: Place
) -> None:
    address = new_address()
    place.subscribed(address, label=address[:12])
    place.claimed_item("送达的一件")
    [letter] = wait_for(lambda: letters_to(platform, address), "邮件")
    path = "/privacy/consents/" + letter.rpartition("/privacy/consents/")[2].strip()
    reader = Visitor(platform.url)

    # The server says "not now", so the letter waits for its next attempt.
    platform.mailboxes.replies["RCPT"] = "450 4.2.1 not now"
    try:
        item_id = place.claimed_item("等待的一件")
        wait_for(lambda: is_put_off(place, item_id, label=address[:12]), "被推迟的邮件")
        assert reader.send(path, path).ok
    finally:
        del platform.mailboxes.replies["RCPT"]

    failed = wait_for(lambda: mails_of(place, item_id, status="failed"), "不再投递")
    assert [one["recipient"] for one in failed] == [address[:12]]
    assert len(letters_to(platform, address)) == 1


def mails_of(place: Place, item_id: str, **wanted: str) -> list[View]:
    found = place.admin.each("/deliveries", item_id=item_id, **wanted)
    return [one for one in found if one["channel"] == "email"]


def is_put_off(place: Place, item_id: str, *, label: str) -> bool:
    waiting = mails_of(place, item_id, status="waiting")
    return any(one["attempts"] for one in waiting if one["recipient"] == label)
