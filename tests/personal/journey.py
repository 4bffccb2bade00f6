"""What the tests of personal data do on the whole platform: at its forms, on its bus, and with its letters."""

import email
import email.policy
from dataclasses import dataclass, field
from uuid import uuid4

import amqp
import requests
from kombu import Connection, Exchange, Queue

from deploy.demo.load import CITY_ADMIN
from deploy.demo.story import COMMUNITY as COMMUNITY_OF_THE_STORY
from services.chassis.broker import connect
from services.chassis.clock import utc_now
from services.chassis.config import Config, load
from services.chassis.wire import JSON, Envelope
from tests.faults.everyday import Journey, View, take
from tests.faults.person import Person
from tests.gateway.browsing import hidden_fields
from tests.platform import Platform

SERVICES = ("claims", "consultation", "gateway", "notifications", "staffing")


class Visitor:
    """Somebody with a browser; forms are sent with their hidden fields."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._browser.headers["Accept"] = "text/html"

    def read(self, path: str) -> str:
        answered = self._browser.get(self._address(path), timeout=10)
        assert answered.ok, answered.text
        return answered.text

    def send(self, page: str, action: str, **fields: str) -> requests.Response:
        """The form of `page` (its address, or its text when no address leads to it) that goes to `action`."""
        text = page if "<form" in page else self.read(page)
        return self._browser.post(
            self._address(action), data={**hidden_fields(text, action), **fields}, timeout=10
        )

    def signed_in(self, username: str, password: str) -> "Visitor":
        assert self.send("/signin", "/signin", username=username, password=password).ok
        return self

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path


@dataclass
class Place:
    """A community that no other test counts the letters of, and a unit that works there."""

    admin: Person
    community: View = field(default_factory=dict)
    unit_id: str = ""

    @classmethod
    def of(cls, platform: Platform) -> "Place":
        admin = Person(platform.url).signed_in(CITY_ADMIN, platform.accounts[CITY_ADMIN])
        communities = {one["community_id"]: one for one in admin.get("/communities")["items"]}
        found = next(
            (communities[community_id], unit["unit_id"])
            for unit in admin.each("/units")
            for community_id in unit["community_ids"]
            if communities[community_id]["community_name"] != COMMUNITY_OF_THE_STORY
        )
        return cls(admin, *found)

    @property
    def community_id(self) -> str:
        return str(self.community["community_id"])

    def subscribed(self, address: str, label: str = "居民代表") -> View:
        mail = {"channel": "email", "address": address, "label": label, "community_id": self.community_id}
        subscription: View = self.admin.post("/subscriptions", mail)
        return subscription

    def claimed_item(self, title: str) -> str:
        """What mailboxes are told of; the item's id."""
        journey = Journey(
            title=f"{title}{uuid4().hex[:6]}", community_id=self.community_id, unit_id=self.unit_id
        )
        for step in ("create", "publish", "claim"):
            take(self.admin, journey, step)
        return journey.item_id


def letters_to(platform: Platform, address: str) -> list[str]:
    """Their texts, in the order in which they came."""
    letters = [
        email.message_from_bytes(raw, policy=email.policy.default) for raw in platform.mailboxes.letters
    ]
    return [letter.get_content() for letter in letters if letter["To"] == address]  # type: ignore[attr-defined]


class Ear:
    """Hears every event of every service, as any program on the bus could."""

    def __init__(self, platform: Platform) -> None:
        self.heard: list[str] = []
        self._connection = Connection(platform.environment["GONGZHI_AMQP_URL"].split(";")[0])
        self._queue = Queue(f"canary-{uuid4()}", exclusive=True, auto_delete=True, durable=False)
        self._channel = self._connection.default_channel
        self._queue = self._queue(self._channel)
        self._queue.declare()
        for service in SERVICES:
            if service != "gateway":
                self._queue.bind_to(Exchange(f"{service}.events", passive=True), routing_key="#")

    def listen(self) -> str:
        while (message := self._queue.get(no_ack=True)) is not None:
            self.heard.append(f"{message.headers} {message.body!r}")
        return "\n".join(self.heard)

    def count_waiting(self, queue: str) -> int:
        """Inboxes have one reader each, so nobody else may take a look at what lies in them."""
        return int(self._channel.queue_declare(queue, passive=True).message_count)

    def close(self) -> None:
        self._connection.release()


def tell_poison(platform: Platform, body: bytes) -> str:
    """An event of a poll that nobody can read, told past the platform; its id, once the broker holds it."""
    config: Config = load(platform.environment)
    event = Envelope(
        event_id=str(uuid4()),
        source="consultation",
        name="poll_closed",
        version=1,
        aggregate_id=str(uuid4()),
        sequence=1,
        occurred_at=utc_now(),
        traceparent="",
        body=b"",
    )
    connection = connect(config)
    try:
        channel = connection.channel()
        channel.confirm_select()
        message = amqp.Message(body, content_type=JSON, delivery_mode=2, application_headers=event.headers())
        channel.basic_publish_confirm(message, "consultation.events", "poll_closed", mandatory=True)
    finally:
        connection.collect()
    return event.event_id
