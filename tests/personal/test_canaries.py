"""Canaries: a person goes through the real platform, and is found nowhere but where the person may be seen."""

import json
import re
from collections.abc import Iterator
from html import unescape
from uuid import uuid4

import pytest
import requests
import sqlalchemy as sa
from kombu import Connection, Exchange, Queue
from pypinyin import lazy_pinyin

from deploy.demo.client import Client, Refused, wait_for
from deploy.demo.load import CITY_ADMIN
from services.chassis.config import PROCESSES, load
from services.consultation.domain.identity_number import check_character
from tests.platform import Platform

pytestmark = pytest.mark.journey

NAME, WORKER = "鸑鷟彧", "翀翯翾"
NUMBER = "23110219000102999"
NUMBER += check_character(NUMBER)
BROKEN_NUMBER = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
MAILBOX = "canary.bird@example.cn"
PHONE = "13955557777"
CANARIES = (NAME, WORKER, NUMBER, BROKEN_NUMBER, MAILBOX, PHONE)
# Also as databases and programs write them: bytes in hex, and JSON's escapes.
TRACES = [
    trace
    for canary in CANARIES
    for trace in {canary, canary.encode().hex(), json.dumps(canary).strip('"'), "".join(lazy_pinyin(canary))}
]
SERVICES = ("claims", "consultation", "gateway", "notifications", "staffing")


def traces_in(text: str) -> list[str]:
    return [trace for trace in TRACES if trace in text]


class Ear:
    """Hears every event of every service, as any program on the bus could."""

    def __init__(self, url: str) -> None:
        self.heard: list[str] = []
        self._connection = Connection(url)
        self._queue = Queue(f"canary-{uuid4()}", exclusive=True, auto_delete=True, durable=False)
        channel = self._connection.default_channel
        self._queue = self._queue(channel)
        self._queue.declare()
        for service in SERVICES:
            if service != "gateway":
                self._queue.bind_to(Exchange(f"{service}.events", passive=True), routing_key="#")

    def listen(self) -> str:
        while (message := self._queue.get(no_ack=True)) is not None:
            self.heard.append(f"{message.headers} {message.body!r}")
        return "\n".join(self.heard)

    def close(self) -> None:
        self._connection.release()


@pytest.fixture(scope="module")
def ear(platform: Platform) -> Iterator[Ear]:
    """Goes through everything once; what was said meanwhile is looked at by the tests."""
    listening = Ear(platform.environment["GONGZHI_AMQP_URL"].split(";")[0])
    admin = Client(platform.url).signed_in(CITY_ADMIN, platform.accounts[CITY_ADMIN])
    community = admin.get("/communities")["items"][0]
    community_id = community["community_id"]
    resident = {"community_id": community_id, "resident_name": NAME, "identity_number": NUMBER}

    admin.post("/residents", {"residents": [resident]})
    with pytest.raises(Refused):
        admin.post("/residents", {"residents": [{**resident, "identity_number": BROKEN_NUMBER}]})
    appointed = {"community_id": community_id, "worker_name": WORKER}
    admin.post("/workers", {**appointed, "post": "worker", "since_on": "2026-01-01"})
    mail = {"channel": "email", "address": MAILBOX, "label": "居民代表", "community_id": community_id}
    admin.post("/subscriptions", mail)
    with pytest.raises(Refused):
        admin.post("/subscriptions", mail)
    with pytest.raises(Refused):
        Client(platform.url).signed_in("nobody", PHONE)
    ask_for_erasure(platform.url)
    # Every service hears of a change, and tells it: the community itself, changed to what it is.
    changed = {
        name: community[name] for name in ("community_name", "street", "grade", "households", "population")
    }
    version = f'"{community["version"]}"'
    requests.put(
        f"{platform.url}/api/v1/communities/{community_id}",
        json=changed,
        headers={"Authorization": f"Bearer {admin._token}", "If-Match": version},
        timeout=10,
    ).raise_for_status()
    wait_for(lambda: "community_changed" in listening.listen(), what="the news of the community")

    yield listening
    listening.close()


def ask_for_erasure(url: str) -> None:
    """As a person without an account does, at the form."""
    browser, path = requests.Session(), f"{url}/privacy/requests/new"
    page = browser.get(path, timeout=10).text
    hidden = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition("<main")[2])
    )
    person = {"resident_name": NAME, "identity_number": NUMBER, "email": MAILBOX, "phone": PHONE}
    sent = browser.post(
        path,
        data={**{name: unescape(value) for name, value in hidden.items()}, **person, "kind": "erasure"},
        headers={"Accept": "text/html"},
        timeout=10,
    )
    assert sent.ok, sent.text


def test_no_log_of_any_process_tells_of_the_person(platform: Platform, ear: Ear) -> None:
    logs = {file.name: file.read_text(errors="replace") for file in (platform.root / "log").glob("*.log*")}

    assert {f"{process}.log" for process in PROCESSES} <= set(logs)
    assert {name: traces_in(text) for name, text in logs.items() if traces_in(text)} == {}


def test_no_metric_tells_of_the_person(platform: Platform, ear: Ear) -> None:
    config = load(platform.environment)
    told = {}
    for process in PROCESSES:
        host, port = config.ops_address(process)
        answer = requests.get(f"http://{host}:{port}/metrics", timeout=10)
        assert answer.ok
        told[process] = traces_in(answer.text)

    assert {process: traces for process, traces in told.items() if traces} == {}


def test_no_event_on_the_bus_tells_of_the_person(ear: Ear) -> None:
    said = ear.listen()

    assert "community_changed" in said
    assert traces_in(said) == []


@pytest.mark.parametrize("service", SERVICES)
def test_no_table_holds_the_person_in_the_clear(platform: Platform, ear: Ear, service: str) -> None:
    """Outbox, inbox with its parked events, idempotency keys, audit and all others."""
    engine = sa.create_engine(load(platform.environment).database_url(service), poolclass=sa.NullPool)
    found = {}
    with engine.connect() as connection:
        tables = connection.execute(
            sa.text(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
        ).scalars()
        for table in tables.all():
            rows = connection.exec_driver_sql(f"SELECT t::text FROM {table} AS t").scalars()
            if traces := traces_in("\n".join(rows)):
                found[table] = traces

    assert found == {}
