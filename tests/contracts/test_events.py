"""Released events for ever: recorded samples of every version still load, and mean what they meant."""

import dataclasses
import json
import typing
from pathlib import Path
from typing import Any

import pytest

from deploy.gongzhi._hearers import event_classes, service_names
from services.chassis import wire
from services.contracts.base import Event

SAMPLES = Path(__file__).parent / "samples"
EVENTS = {event.name(): event for event in event_classes()}
FILES = sorted(SAMPLES.glob("*/*.json"))
NEVER_TOLD = (
    "phone",
    "mobile",
    "identity",
    "id_card",
    "email",
    "address",
    "password",
    "ballot",
    "answer",
    "secret",
)


def load(file: Path) -> tuple[Event, dict[str, Any], wire.Envelope]:
    sample = json.loads(file.read_text(encoding="utf-8"))
    body = json.dumps(sample["body"]).encode()
    envelope = wire.read_envelope(sample["headers"], wire.JSON, body)
    return wire.read_event(envelope, EVENTS[envelope.name]), sample["body"], envelope


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_every_released_version_has_a_recorded_sample(event: type[Event]) -> None:
    recorded = {file.name for file in (SAMPLES / event.source).glob(f"{event.name()}.v*.json")}

    assert recorded == {f"{event.name()}.v{version}.json" for version in range(1, event.version + 1)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_recorded_sample_still_loads(file: Path) -> None:
    event, body, envelope = load(file)

    name, version = file.stem.rsplit(".v", 1)
    assert (envelope.source, envelope.name, envelope.version) == (file.parent.name, name, int(version))
    assert str(event.aggregate_id) == envelope.aggregate_id
    assert set(body) <= {field.name for field in dataclasses.fields(event)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sample_is_the_same_after_a_round_trip(file: Path) -> None:
    event, body, _envelope = load(file)

    again = json.loads(wire.write_event(event))

    assert {name: again[name] for name in body} == body


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_unknown_fields_of_a_newer_sender_are_ignored(file: Path) -> None:
    event, body, envelope = load(file)
    newer = {**body, "told_since_tomorrow": {"deep": [1, None]}}

    read = wire.read_event(dataclasses.replace(envelope, body=json.dumps(newer).encode()), type(event))

    assert read == event


def test_no_sample_is_left_without_its_event() -> None:
    """An event that was released is not taken back: readers elsewhere may still hold some of it."""
    assert {(file.parent.name, file.stem.rsplit(".v", 1)[0]) for file in FILES} == {
        (event.source, event.name()) for event in EVENTS.values()
    }


def test_the_name_of_an_event_is_its_own() -> None:
    """Queues are bound, and handlers found, by the name alone."""
    assert len(event_classes()) == len(EVENTS)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_an_event_carries_no_personal_data_and_knows_its_aggregate(event: type[Event]) -> None:
    hints = typing.get_type_hints(event)
    fields = {field.name for field in dataclasses.fields(event)}

    assert not [field for field in fields for word in NEVER_TOLD if word in field.split("_")]
    assert event.aggregate in fields
    assert hints[event.aggregate].__name__ == "UUID"
    assert event.source in service_names()
    assert set(event.readers) <= set(service_names()) - {event.source}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_event_is_small(file: Path) -> None:
    assert file.stat().st_size < 4096
