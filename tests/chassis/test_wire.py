"""What goes over the wire, judged by others: the CloudEvents library and the JSON of the standard."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_binary_event
from hypothesis import given
from hypothesis import strategies as st

from services.chassis import tracing, wire
from services.contracts import base
from tests.chassis.court import envelope
from tests.chassis.pingpong import OutOfBounds, Served


def test_an_event_is_a_cloud_event_to_the_standards_own_library() -> None:
    sent = envelope(uuid4(), 42, traceparent=tracing.new_traceparent())

    read = from_binary_event(RabbitMQMessage(sent.headers(), wire.JSON, sent.body))

    assert (read.get_id(), read.get_source()) == (sent.event_id, "/gongzhi/ping")
    assert (read.get_type(), read.get_subject()) == ("gongzhi.ping.served.v1", sent.aggregate_id)
    assert (read.get_specversion(), read.get_datacontenttype()) == ("1.0", "application/json")
    assert read.get_time() == sent.occurred_at
    assert int(read.get_extension("sequence")) == 42
    assert read.get_data() == json.loads(sent.body)


def test_sequences_sort_as_text_as_they_do_as_numbers() -> None:
    headers = [envelope(UUID(int=1), number).headers()["ce-sequence"] for number in (2, 10, 2**62)]

    assert headers == sorted(headers)


@given(st.integers(0, 2**63 - 1), st.datetimes(timezones=st.just(timezone(timedelta(hours=8)))))
def test_an_envelope_survives_its_headers(sequence: int, occurred_at: datetime) -> None:
    sent = envelope(UUID(int=1), sequence, occurred_at=occurred_at)

    assert wire.read_envelope(sent.headers(), wire.JSON, sent.body) == sent


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.none(), st.binary())))
def test_made_up_headers_are_unreadable_and_never_fail_otherwise(headers: dict[str, object]) -> None:
    with pytest.raises(wire.Unreadable):
        wire.read_envelope(headers, wire.JSON, b"{}")


@given(st.binary())
def test_a_made_up_body_is_unreadable_and_never_fails_otherwise(body: bytes) -> None:
    with pytest.raises(wire.Unreadable):
        wire.read_event(envelope(UUID(int=1), 1, body=body), Served)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_unknown_fields_of_any_shape_are_ignored(unknown: object) -> None:
    sent = envelope(UUID(int=1), 7)
    body = json.dumps({**json.loads(sent.body), "unknown": unknown}).encode()

    assert wire.read_event(envelope(UUID(int=1), 7, body=body), Served).number == 7


def test_an_error_crosses_as_its_own_class_with_its_fields() -> None:
    error = OutOfBounds("球出界了。")
    error.fields = {"number": ["太大。"]}

    read = wire.read_error(json.loads(wire.dumps(wire.write_error(error))))

    assert type(read) is OutOfBounds
    assert (read.message, read.fields) == ("球出界了。", {"number": ["太大。"]})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("invalid", base.Invalid),
        ("forbidden", base.Forbidden),
        ("notfound", base.NotFound),
        ("conflict", base.Conflict),
        ("unavailable", base.Unavailable),
        ("unheard", base.GongzhiError),
    ],
)
def test_an_unknown_error_crosses_as_its_kind(kind: str, expected: type) -> None:
    read = wire.read_error({"code": "of_tomorrow", "kind": kind, "message": "明天才有。"})

    assert type(read) is expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00-" + "0" * 32 + "-" + "1" * 16 + "-01",
        "00-" + "g" * 32 + "-" + "1" * 16 + "-01",
        "01-" + "1" * 32 + "-" + "1" * 16 + "-01-more",
        "x" * 10_000,
    ],
)
def test_a_malformed_trace_is_replaced_by_a_new_one(header: str) -> None:
    assert tracing.trace_id(tracing.continued(header)) not in ("", "0" * 32)


def test_a_trace_is_continued_with_a_span_of_its_own() -> None:
    incoming = tracing.new_traceparent()

    continued = tracing.continued(incoming)

    assert tracing.trace_id(continued) == tracing.trace_id(incoming)
    assert continued != incoming


def test_time_is_written_in_utc() -> None:
    here = timezone(timedelta(hours=8))
    sent = envelope(UUID(int=1), 1, occurred_at=datetime(2026, 11, 23, 8, 0, tzinfo=here))

    assert sent.headers()["ce-time"] == "2026-11-23T00:00:00Z"
    assert datetime.fromisoformat(sent.headers()["ce-time"]).tzinfo == UTC
