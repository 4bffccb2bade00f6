"""Canaries: a person goes through the real platform, and is found nowhere but where the person may be seen."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
import requests
import sqlalchemy as sa
from pypinyin import lazy_pinyin

from deploy.demo.client import Client, Refused, wait_for
from deploy.demo.load import CITY_ADMIN
from services.chassis.config import PROCESSES, load
from services.chassis.topology import call_queue_name, inbox_name
from services.consultation.domain.identity_number import check_character
from tests.personal.journey import SERVICES, Ear, Place, Visitor, letters_to, tell_poison
from tests.platform import Platform

pytestmark = pytest.mark.journey

NAME, CORRECTED, WORKER = "鸑鷟彧", "鸑鷟戫", "翀翯翾"
NUMBER = "23110219000102999"
NUMBER += check_character(NUMBER)
BROKEN_NUMBER = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
MAILBOX = "canary.bird@example.cn"
PHONE = "13955557777"
CANARIES = (NAME, CORRECTED, WORKER, NUMBER, BROKEN_NUMBER, MAILBOX, PHONE)
# Acts in office, by name, so the gateway's own list of invitations shows it to staff.
CONTACT = "龑龘燊"
# Not of our making: somebody else puts it on the bus, inside of an event that nobody can read.
FOREIGN = "13944446666"
# Who hears events; staffing hears none.
READERS = ("claims", "consultation", "notifications")


def traces_of(canaries: Iterable[str]) -> list[str]:
    """Also as databases and programs write them: bytes in hex, and JSON's escapes."""
    return [
        trace
        for canary in canaries
        for trace in {
            canary,
            canary.encode().hex(),
            json.dumps(canary).strip('"'),
            "".join(lazy_pinyin(canary)),
        }
    ]


def traces_in(text: str, canaries: Iterable[str] = (*CANARIES, CONTACT, FOREIGN)) -> list[str]:
    return [trace for trace in traces_of(canaries) if trace in text]


@dataclass
class Story:
    """What it left behind that is no secret: who looks for this as well knows that the search finds things."""

    ear: Ear
    place: Place
    poison_ids: list[str]
    subscription_id: str


@pytest.fixture(scope="module")
def story(platform: Platform) -> Iterator[Story]:
    """Through every door that takes personal data, once; what was said meanwhile is looked at by the tests."""
    ear, place = Ear(platform), Place.of(platform)
    try:
        through_the_api(platform, place)
        subscription_id = place.subscribed(MAILBOX)["subscription_id"]
        with pytest.raises(Refused):
            admin_of(platform).post("/subscriptions", mail_of(place))
        through_the_pages(platform, place)
        place.claimed_item("金丝雀")
        wait_for(lambda: letters_to(platform, MAILBOX), "写给金丝雀的邮件")
        every_service_hears(platform, place, ear)
        poison_ids = poisoned(platform, ear)
        yield Story(ear, place, poison_ids, subscription_id)
    finally:
        ear.close()


def admin_of(platform: Platform) -> Client:
    return Client(platform.url).signed_in(CITY_ADMIN, platform.accounts[CITY_ADMIN])


def mail_of(place: Place) -> dict[str, str]:
    return {
        "channel": "email",
        "address": MAILBOX,
        "label": "居民代表",
        "community_id": place.community_id,
    }


def through_the_api(platform: Platform, place: Place) -> None:
    admin = admin_of(platform)
    resident = {"community_id": place.community_id, "resident_name": NAME, "identity_number": NUMBER}
    admin.post("/residents", {"residents": [resident]})
    with pytest.raises(Refused):
        admin.post("/residents", {"residents": [{**resident, "identity_number": BROKEN_NUMBER}]})
    appointed = {"community_id": place.community_id, "worker_name": WORKER}
    admin.post("/workers", {**appointed, "post": "worker", "since_on": "2026-01-01"})
    with pytest.raises(Refused):
        Client(platform.url).signed_in("nobody", PHONE)


def through_the_pages(platform: Platform, place: Place) -> None:
    """Asking as a person without an account does, and looking, correcting and inviting as staff do."""
    new = "/privacy/requests/new"
    person = {"resident_name": NAME, "identity_number": NUMBER, "email": MAILBOX, "phone": PHONE}
    for kind in ("erasure", "correction"):
        asked = Visitor(platform.url).send(new, new, kind=kind, wish=f"我叫{CORRECTED}", **person)
        assert asked.ok, asked.text
    reference = asked.url.rpartition("/")[2]

    desk = Visitor(platform.url).signed_in(CITY_ADMIN, platform.accounts[CITY_ADMIN])
    found = desk.send("/residents", "/residents/found", identity_number=NUMBER).text
    looked_at = re.search(r'action="(/residents/[0-9a-f-]+/unmask)"', found)
    assert looked_at is not None, found
    shown = desk.send(found, looked_at[1], field="identity_number", reason="核对补贴材料")
    assert NUMBER in shown.text

    place_of_request = re.search(
        rf'href="(/personal-requests/[0-9a-f-]+)"[^>]*>\s*{reference}', desk.read("/personal-requests")
    )
    assert place_of_request is not None
    page = place_of_request[1]
    gathered = desk.send(
        page, f"{page}/gather", is_verified="yes", reason="本人到窗口更正", kept_email=MAILBOX
    )
    assert NAME in gathered.text
    assert MAILBOX in gathered.text
    corrected = desk.send(
        gathered.text,
        f"{page}/correct",
        is_verified="yes",
        value=CORRECTED,
        **first_correction(gathered.text),
    )
    assert "已更正" in corrected.text, corrected.text

    units = f"/units/{place.unit_id}/invitations"
    assert "/join/" in desk.send(units, units, contact_name=CONTACT).text


def first_correction(page: str) -> dict[str, str]:
    """What the first form for a correction names; it is that of the roll."""
    form = page.partition("/correct")[2]
    names = ("service", "record_id", "field")
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', form)[0] for name in names}


def every_service_hears(platform: Platform, place: Place, ear: Ear) -> None:
    """The community itself, changed to what it is."""
    community = place.admin.get(f"/communities/{place.community_id}")
    names = ("community_name", "street", "grade", "households", "population")
    admin_of(platform).put(
        f"/communities/{place.community_id}",
        {name: community[name] for name in names},
        version=community["version"],
    )
    wait_for(lambda: "community_changed" in ear.listen(), "社区变更的消息")


def poisoned(platform: Platform, ear: Ear) -> list[str]:
    """Half of what was really said meanwhile, and what a foreign program says; parked by both readers."""
    said = next(one for one in ear.heard if "item_claimed" in one)
    bodies = [said.encode()[: len(said) // 2], json.dumps({"poll_id": FOREIGN}).encode()]
    event_ids = [tell_poison(platform, body) for body in bodies]
    for reader in ("claims", "notifications"):
        for event_id in event_ids:
            wait_for(lambda: event_id in parked(platform, reader), "被搁置的事件")  # noqa: B023
    return event_ids


def parked(platform: Platform, service: str) -> dict[str, str]:
    """The whole rows of parked events, by the events' ids."""
    with connected(platform, service) as connection:
        rows = connection.exec_driver_sql("SELECT event_id, i::text FROM inbox i WHERE status = 'parked'")
        return {str(event_id): str(row) for event_id, row in rows}


def connected(platform: Platform, service: str) -> sa.Connection:
    url = load(platform.environment).database_url(service)
    return sa.create_engine(url, poolclass=sa.NullPool).connect()


def tables(platform: Platform, service: str) -> dict[str, str]:
    """Every row of every table as text: outbox, inbox with what is parked, idempotency keys, audit and all others."""
    with connected(platform, service) as connection:
        names = connection.execute(
            sa.text(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
        ).scalars()
        return {
            name: "\n".join(connection.exec_driver_sql(f"SELECT t::text FROM {name} AS t").scalars())
            for name in names.all()
        }


def test_the_letter_reaches_the_person_and_nobody_else(platform: Platform, story: Story) -> None:
    [letter] = letters_to(platform, MAILBOX)

    assert "/privacy/consents/" in letter
    assert traces_in(letter) == []


def test_no_log_of_any_process_tells_of_the_person(platform: Platform, story: Story) -> None:
    logs = {file.name: file.read_text(errors="replace") for file in (platform.root / "log").glob("*.log*")}

    assert {f"{process}.log" for process in PROCESSES} <= set(logs)
    for reader in ("claims", "notifications"):
        assert all(event_id in logs[f"{reader}.log"] for event_id in story.poison_ids)
    assert {name: traces_in(text) for name, text in logs.items() if traces_in(text)} == {}


def test_no_metric_tells_of_the_person(platform: Platform, story: Story) -> None:
    config = load(platform.environment)
    told = {}
    for process in PROCESSES:
        host, port = config.ops_address(process)
        answer = requests.get(f"http://{host}:{port}/metrics", timeout=10)
        assert answer.ok
        told[process] = answer.text

    assert "correct_personal" in told["consultation"]
    assert {process: traces_in(text) for process, text in told.items() if traces_in(text)} == {}


def test_no_event_on_the_bus_tells_of_the_person(story: Story) -> None:
    said = "\n".join(one for one in story.ear.listen().splitlines() if FOREIGN not in one)

    assert "community_changed" in said
    assert traces_in(said) == []


def test_nothing_stays_in_a_queue(story: Story) -> None:
    """What went through the inboxes was heard above; calls, which do carry persons, are gone once answered."""
    queues = [name(service) for service in READERS for name in (call_queue_name, inbox_name)]
    queues.append(call_queue_name("staffing"))

    wait_for(lambda: sum(map(story.ear.count_waiting, queues)) == 0, "空的队列")


@pytest.mark.parametrize("service", SERVICES)
def test_no_table_holds_the_person_in_the_clear(platform: Platform, story: Story, service: str) -> None:
    held = tables(platform, service)

    found = {name: traces for name, text in held.items() if (traces := traces_in(text))}

    # What others put on the bus is parked as it came.
    is_reader = service in ("claims", "notifications")
    assert found == ({"public.inbox": [FOREIGN.encode().hex()]} if is_reader else {})


def test_the_search_finds_what_is_no_secret(platform: Platform, story: Story) -> None:
    """Else all the others could not fail."""
    held = tables(platform, "notifications")

    assert traces_in(held["public.subscriptions"], [story.subscription_id]) == [story.subscription_id]
    assert traces_in(held["public.subscriptions"], ["居民代表"]) == ["居民代表"]
    parked_now = parked(platform, "notifications")
    assert traces_in(parked_now[story.poison_ids[1]]) == [FOREIGN.encode().hex()]
    assert "item_claimed" in held["public.outbox"] or "notice_published" in held["public.outbox"]
