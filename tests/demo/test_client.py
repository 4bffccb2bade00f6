"""The small client of the API, against a server that answers as it is told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from deploy.demo import client as client_module
from deploy.demo.client import Client, Refused, WaitedInVain, wait_for
from deploy.demo.robot import Robot


class Scripted:
    """Answers with the next of `answers`: a status and a body; keeps the headers of what was asked."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, str]]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.asked.append((f"{self.command} {self.path}", dict(self.headers)))
                status, body = script.answers.pop(0)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "Scripted":
        self.thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "FIRST_PAUSE", 0.001)


@pytest.fixture
def robot() -> Iterator[Robot]:
    with Robot() as listening:
        yield listening


def test_a_call_that_got_no_answer_in_time_is_repeated_under_its_key() -> None:
    with Scripted((504, {}), (503, {}), (201, {"item_id": "1"})) as platform:
        made = Client(platform.url).post("/items", {"title": "清雪"})

    keys = {headers["Idempotency-Key"] for _, headers in platform.asked}
    assert made == {"item_id": "1"}
    assert len(platform.asked) == 3
    assert len(keys) == 1


def test_two_calls_have_different_keys_unless_one_is_given() -> None:
    with Scripted((200, {}), (200, {}), (200, {})) as platform:
        caller = Client(platform.url)
        caller.post("/items", {})
        caller.post("/items", {})
        caller.post("/items", {}, key="mine")

    keys = [headers["Idempotency-Key"] for _, headers in platform.asked]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


def test_a_refusal_carries_its_code_its_sentence_and_the_places() -> None:
    problem = {
        "type": "/problems/item_already_claimed",
        "detail": "已由别的单位认领。",
        "errors": [{"pointer": "/unit_id", "detail": "请换一个事项。"}],
    }
    with Scripted((409, problem)) as platform, pytest.raises(Refused) as refused:
        Client(platform.url).post("/items/1/claims", {})

    assert (refused.value.status, refused.value.code) == (409, "item_already_claimed")
    assert str(refused.value) == "已由别的单位认领。"
    assert refused.value.places == {"/unit_id": "请换一个事项。"}
    assert len(platform.asked) == 1


def test_a_list_is_read_to_its_last_page() -> None:
    with Scripted((200, {"items": [1, 2], "next": "c"}), (200, {"items": [3], "next": None})) as platform:
        found = list(Client(platform.url).each("/items", status="draft"))

    assert found == [1, 2, 3]
    assert [("cursor=c" in asked, "status=draft" in asked) for asked, _ in platform.asked] == [
        (False, True),
        (True, True),
    ]


def test_after_signing_in_the_token_is_sent() -> None:
    with Scripted((201, {"token": "secret"}), (200, {})) as platform:
        Client(platform.url).signed_in("hailan", "password").get("/session")

    assert "Authorization" not in platform.asked[0][1]
    assert platform.asked[1][1]["Authorization"] == "Bearer secret"


def test_waiting_ends_with_what_was_waited_for() -> None:
    looks = iter([None, None, "there"])

    assert wait_for(lambda: next(looks), "它") == "there"


def test_waiting_in_vain_is_told() -> None:
    with pytest.raises(WaitedInVain, match="评分"):
        wait_for(lambda: None, "评分", within=0.05)


def test_the_robot_answers_as_wecom_does_and_keeps_what_it_was_sent(robot: Robot) -> None:
    message = {"msgtype": "text", "text": {"content": "通报表扬"}}

    answer = requests.post(f"{robot.url}/cgi-bin/webhook/send?key=k", json=message, timeout=5)

    assert answer.json() == {"errcode": 0, "errmsg": "ok"}
    assert robot.texts == ["通报表扬"]
