"""Telling open browser pages what has just happened, as server-sent events.

One thread of the process listens to the feed; every open stream has a short queue of its own.
A reader too slow for its queue is cut off, reconnects, and reloads what it shows.
"""

import json
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from flask import Blueprint, Response, current_app, request

from gateway.auth.policy import Policy, enforce, public
from gateway.auth.session import STREAM, current_actor, current_session
from services.chassis.logs import get_logger
from services.contracts.base import ANONYMOUS, Actor, Role, Unavailable

MOST_STREAMS = 1000
# Visitors of the public board leave room for those who work here.
MOST_VISITORS = 800
MOST_WAITING = 100
BEAT_SECONDS = 15.0
# A stream ends by itself so often that new rights are heard of.
LONGEST_SECONDS = 300.0
# For so long an ended session may go on listening.
LOOK_SECONDS = 3.0

_SHOWN = (
    "community_id",
    "item_id",
    "claim_id",
    "poll_id",
    "notice_id",
    "unit_id",
    "code",
    "title",
    "percent",
)

# What the public board and the public pages of items show; items are told of from their publication on.
_FOR_EVERYBODY = ("notice_", "item_", "claim_", "milestone_", "poll_")

log = get_logger(__name__)


class Feed(Protocol):
    """Where domain events come from: `services.chassis.live` in a process."""

    def subscribe(self) -> Iterator[tuple[str, dict[str, Any]]]: ...


OpenAmong = Callable[[Collection[UUID]], Collection[UUID]]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Who reads one stream; `session_id` is None for visitors of the public board."""

    actor: Actor
    session_id: UUID | None
    waiting: "queue.Queue[str | None]"


class Streams:
    """All open streams of this process."""

    def __init__(self, feed: Callable[[], Feed] | None, open_among: OpenAmong | None = None) -> None:
        """`open_among`: which of these sessions have not ended."""
        self._feed = feed
        self._open_among = open_among
        self._queues: dict[int, Listener] = {}
        self._lock = threading.Lock()
        self._is_listening = self._is_looking = False

    def open(
        self,
        actor: Actor,
        *,
        session_id: UUID | None = None,
        beat: float = BEAT_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> Iterator[str]:
        """The text of one stream, at the latest until its session ends; raises `Unavailable` if there are too many."""
        if len(self._queues) >= (MOST_VISITORS if actor.is_anonymous else MOST_STREAMS):
            raise Unavailable("同时在线的页面太多，请稍后再试。")
        self._listen()
        return self._read(actor, session_id, beat=beat, longest=longest)

    def __len__(self) -> int:
        return len(self._queues)

    def tell(self, name: str, event: dict[str, Any]) -> None:
        """Put an event before everybody whom it concerns; a nameless one is the feed's sign of life."""
        if not name:
            return
        message = _message(name, {"name": name, **{key: event[key] for key in _SHOWN if key in event}})
        for listener in list(self._queues.values()):
            if _concerns(listener.actor, name, event):
                _put(listener.waiting, message)

    def close(self) -> None:
        """End every stream, so that the process can stop; browsers reconnect to another."""
        for listener in list(self._queues.values()):
            _put(listener.waiting, None)

    def _read(self, actor: Actor, session_id: UUID | None, *, beat: float, longest: float) -> Iterator[str]:
        # Entered here and not before: a response that is never read must leave nothing behind.
        waiting: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._queues[id(waiting)] = Listener(actor=actor, session_id=session_id, waiting=waiting)
        if session_id is not None:
            self._look()
        try:
            yield "retry: 2000\n\n" + _message("hello", {"name": "hello"})
            end = time.monotonic() + longest
            while time.monotonic() < end:
                try:
                    message = waiting.get(timeout=beat)
                except queue.Empty:
                    message = ": still here\n\n"
                if message is None:
                    return
                yield message
        finally:
            self._queues.pop(id(waiting), None)

    def _look(self) -> None:
        with self._lock:
            if self._is_looking or self._open_among is None:
                return
            self._is_looking = True
        threading.Thread(target=self._end_with_sessions, name="live sessions", daemon=True).start()

    def _end_with_sessions(self) -> None:
        """One question for all streams, as long as anybody who has signed in listens."""
        assert self._open_among is not None
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                theirs = [each for each in self._queues.values() if each.session_id is not None]
                if not theirs:
                    self._is_looking = False
                    return
            try:
                still_open = self._open_among({each.session_id for each in theirs if each.session_id})
            except Exception as error:  # noqa: BLE001  whoever listens goes on until somebody knows
                log.warning("sessions of streams not known", error=repr(error)[:200])
                continue
            for each in theirs:
                if each.session_id not in still_open:
                    _put(each.waiting, None)

    def _listen(self) -> None:
        with self._lock:
            if self._is_listening or self._feed is None:
                return
            self._is_listening = True
        threading.Thread(target=self._pump, name="live", daemon=True).start()

    def _pump(self) -> None:
        assert self._feed is not None
        try:
            messages = iter(self._feed().subscribe())
            # The feed greets whoever subscribes; each stream has been greeted already.
            next(messages, None)
            for name, event in messages:
                self.tell(name, event)
        except Exception:  # the next stream starts listening anew
            log.exception("live feed failed")
        finally:
            self._is_listening = False
            self.close()


blueprint = Blueprint("live", __name__)


@blueprint.get(STREAM)
@public
def follow_live() -> Response:
    """Server-sent events: `hello` first, then every domain event that concerns the reader.

    With `?board`, what the public pages show, for anybody; otherwise for those who have signed in.
    """
    is_visitor = "board" in request.args
    if not is_visitor:
        enforce(Policy())
    opened = None if is_visitor else current_session()
    streams: Streams = current_app.extensions["streams"]
    # eventlet gathers 4 KiB before it writes, which would hold every message back (eventlet issue 236).
    request.environ["eventlet.minimum_write_chunk_size"] = 0
    response = Response(
        streams.open(
            current_actor() if opened else ANONYMOUS, session_id=opened.session_id if opened else None
        ),
        content_type="text/event-stream; charset=utf-8",
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _concerns(actor: Actor, name: str, event: dict[str, Any]) -> bool:
    if actor.is_anonymous:
        return name.startswith(_FOR_EVERYBODY)
    community_id = event.get("community_id")
    if community_id is None or actor.has_role(Role.UNIT_LIAISON, Role.AUDITOR, Role.OPERATOR):
        return True
    return actor.reaches(UUID(str(community_id)))


def _message(name: str, shown: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(shown, ensure_ascii=False, default=str)}\n\n"


def _put(waiting: "queue.Queue[str | None]", message: str | None) -> None:
    try:
        waiting.put_nowait(message)
    except queue.Full:
        # Make room for the one message that matters now: the end.
        try:
            waiting.get_nowait()
            waiting.put_nowait(None)
        except (queue.Empty, queue.Full):
            pass
