"""Telling open pages: who hears what, and what happens to those who do not listen."""

import json
import threading
import time
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import pytest

from gateway import live
from gateway.live import Streams
from services.contracts.base import ANONYMOUS, Actor, Role, Unavailable

HERE, THERE = UUID(int=1), UUID(int=2)
CITY = Actor(actor_id="city", roles=(Role.CITY_OFFICER,))
WORKER = Actor(actor_id="worker", roles=(Role.COMMUNITY_WORKER,), community_ids=(HERE,))
LIAISON = Actor(actor_id="liaison", roles=(Role.UNIT_LIAISON,), unit_id=UUID(int=9))


def names(stream: Iterator[str], count: int) -> list[str]:
    return [next(stream).partition("\n")[0].removeprefix("event: ") for _ in range(count)]


def opened(streams: Streams, actor: Actor, **kwargs: Any) -> Iterator[str]:
    stream = streams.open(actor, **kwargs)
    assert "event: hello" in next(stream)
    return stream


def test_an_event_is_told_with_its_ids_and_without_its_particulars() -> None:
    streams = Streams(None)
    stream = opened(streams, CITY)

    streams.tell(
        "item_claimed", {"item_id": "x", "community_id": str(HERE), "doer_usccs": ["91…"], "title": "清雪"}
    )

    text = next(stream)
    assert text.startswith("event: item_claimed\ndata: ")
    assert text.endswith("\n\n")
    assert json.loads(text.partition("data: ")[2]) == {
        "name": "item_claimed",
        "item_id": "x",
        "community_id": str(HERE),
        "title": "清雪",
    }


def test_a_line_break_in_a_title_cannot_forge_an_event() -> None:
    streams = Streams(None)
    stream = opened(streams, CITY)

    streams.tell("item_published", {"title": "x\n\nevent: forged\ndata: {}"})

    assert "\nevent: forged" not in next(stream)


def test_a_visitor_hears_what_the_public_board_shows_and_nothing_else() -> None:
    streams = Streams(None)
    stream = opened(streams, ANONYMOUS)

    streams.tell("worker_appointed", {"community_id": str(HERE)})
    streams.tell("item_claimed", {"community_id": str(HERE), "item_id": "x"})
    streams.tell("notice_published", {"notice_id": "y"})

    assert names(stream, 2) == ["item_claimed", "notice_published"]


def test_visitors_leave_room_for_those_who_work_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_VISITORS", 1)
    streams = Streams(None)
    held = opened(streams, ANONYMOUS)

    with pytest.raises(Unavailable):
        next(streams.open(ANONYMOUS))

    assert opened(streams, CITY)
    held.close()  # type: ignore[attr-defined]


def test_everybody_hears_only_of_his_own_communities() -> None:
    streams = Streams(None)
    city, worker, liaison = (opened(streams, actor, beat=0.05) for actor in (CITY, WORKER, LIAISON))

    streams.tell("item_published", {"community_id": str(THERE)})
    streams.tell("item_verified", {"community_id": str(HERE)})

    assert names(city, 2) == ["item_published", "item_verified"]
    assert names(worker, 2) == ["item_verified", ": still here"]
    assert names(liaison, 2) == ["item_published", "item_verified"]


def test_silence_is_broken_by_a_sign_of_life_and_every_stream_ends() -> None:
    stream = opened(Streams(None), CITY, beat=0.05, longest=0.2)

    rest = list(stream)

    assert 2 <= len(rest) <= 6
    assert set(rest) == {": still here\n\n"}


def test_a_reader_that_is_too_slow_is_cut_off() -> None:
    streams = Streams(None)
    stream = opened(streams, CITY)

    for _ in range(live.MOST_WAITING + 5):
        streams.tell("item_claimed", {})

    assert len(list(stream)) < live.MOST_WAITING
    assert len(streams) == 0


def test_closing_ends_all_streams() -> None:
    streams = Streams(None)
    both = [opened(streams, CITY), opened(streams, WORKER)]

    streams.close()

    assert [list(stream) for stream in both] == [[], []]


def test_a_stream_that_nobody_reads_any_more_is_forgotten() -> None:
    streams = Streams(None)
    stream = opened(streams, CITY)

    stream.close()  # type: ignore[attr-defined]

    assert len(streams) == 0


def test_there_are_only_so_many_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 1)
    streams = Streams(None)
    held = opened(streams, CITY)

    with pytest.raises(Unavailable):
        streams.open(CITY)

    del held
    opened(streams, CITY)


def test_a_stream_that_is_never_read_leaves_nothing_behind() -> None:
    streams = Streams(None)

    streams.open(CITY)

    assert len(streams) == 0


class Feed:
    """Greets, says what it is told to, then fails."""

    def __init__(self, *messages: tuple[str, dict[str, Any]]) -> None:
        self.messages = messages
        self.go_on = threading.Event()
        self.subscribed = 0

    def subscribe(self) -> Iterator[tuple[str, dict[str, Any]]]:
        self.subscribed += 1
        yield "hello", {}
        self.go_on.wait(5)
        yield from self.messages


def test_one_listener_serves_all_streams_and_a_broken_feed_is_taken_up_again() -> None:
    feed = Feed(("", {}), ("item_scored", {}), ("hello", {}))
    streams = Streams(lambda: feed)
    both = [opened(streams, CITY, beat=2), opened(streams, CITY, beat=2)]

    feed.go_on.set()

    for stream in both:
        assert names(stream, 2) == ["item_scored", "hello"]
        assert list(stream) == []
    assert feed.subscribed == 1
    while streams._is_listening:
        time.sleep(0.01)
    opened(streams, CITY)
    assert feed.subscribed == 2


def test_a_stream_ends_when_its_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.02)
    mine, other = UUID(int=3), UUID(int=4)
    still_open = {mine, other}
    streams = Streams(None, lambda asked: still_open & set(asked))
    ended, going_on = (opened(streams, CITY, session_id=each, beat=0.2) for each in (mine, other))
    visitor = opened(streams, ANONYMOUS, beat=0.2)

    still_open.remove(mine)

    assert set(ended) <= {": still here\n\n"}
    assert names(going_on, 1) == names(visitor, 1) == [": still here"]
    assert len(streams) == 2


def test_nobody_looks_for_sessions_when_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    asked: list[set[UUID]] = []

    def open_among(session_ids: Collection[UUID]) -> Collection[UUID]:
        asked.append(set(session_ids))
        if len(asked) == 1:
            raise ConnectionError("the database is away")
        return session_ids

    streams = Streams(None, open_among)
    stream = opened(streams, CITY, session_id=HERE, beat=0.1)
    assert names(stream, 1) == [": still here"]
    stream.close()  # type: ignore[attr-defined]
    while streams._is_looking:
        time.sleep(0.01)
    assert len(asked) > 1
    assert all(each == {HERE} for each in asked)
