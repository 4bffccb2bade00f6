"""A client as careful people write them: every change under a key, sent again until there is an answer to rely on."""

import threading
import time
from collections import Counter
from typing import Any
from uuid import uuid4

import requests

API = "/api/v1"
PROBLEM = "application/problem+json"
# What a careful client sends again: nobody answered, or somebody said "not now".
NOT_NOW = (502, 503, 504)
STILL_RUNNING = "/problems/first_still_running"
PAUSE = 0.15


class NeverAnswered(Exception):
    """There was no answer to rely on in time."""


class Refused(Exception):
    """An answer that no repetition will change."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(
            f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
        )
        self.answer = answer


class Person:
    """Sends what it is told; every answer is looked at and counted. Threads may share it."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        # Answers that no fault excuses: an unexplained error, or a refusal to answer that says not when to ask again.
        self.unworthy: list[str] = []
        self._threads = threading.local()

    def signed_in(self, username: str, password: str) -> "Person":
        opened = self.insist("POST", "/session", {"username": username, "password": password})
        return Person(self.url, opened["token"])

    def send(
        self, method: str, path: str, body: Any = None, *, key: str = "", timeout: float = 20.0, **more: Any
    ) -> requests.Response:
        """Once; raises `requests.ConnectionError` when the connection breaks."""
        headers = {"Accept": "application/json", **more.pop("headers", {})}
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if key or method == "POST":
            headers.setdefault("Idempotency-Key", key or str(uuid4()))
        if body is not None:
            more["json"] = body
        place = path if path.startswith(("http", "/api", "/readyz")) else API + path
        url = place if place.startswith("http") else self.url + place
        try:
            answer = self._session.request(method, url, headers=headers, timeout=timeout, **more)
        except requests.ConnectionError:
            self.broken += 1
            raise
        self._look_at(answer)
        return answer

    def insist(
        self, method: str, path: str, body: Any = None, *, key: str = "", within: float = 90.0, **more: Any
    ) -> Any:
        """The answer's content; the same request under the same key until there is one."""
        deadline = time.monotonic() + within
        key = key or str(uuid4())
        while True:
            try:
                answer = self.send(method, path, body, key=key, **more)
            except (requests.ConnectionError, requests.Timeout) as error:
                said = repr(error)
            else:
                if answer.ok:
                    return answer.json() if answer.content else None
                if answer.status_code not in NOT_NOW and STILL_RUNNING not in answer.text:
                    raise Refused(answer)
                said = answer.text
            if time.monotonic() > deadline:
                raise NeverAnswered(f"{method} {path}: {said[:500]}")
            time.sleep(PAUSE)

    def get(self, path: str, **query: Any) -> Any:
        return self.insist("GET", path, params=query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        return self.insist("POST", path, {} if body is None else body, key=key)

    def each(self, path: str, **query: Any) -> list[Any]:
        """Every record of a list, page after page."""
        found: list[Any] = []
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self.get(path, limit=200, **query, **more)
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    def _look_at(self, answer: requests.Response) -> None:
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 400:
            told = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}"
            is_problem = answer.headers.get("Content-Type", "").startswith(PROBLEM)
            is_silent = answer.status_code in NOT_NOW and "Retry-After" not in answer.headers
            if answer.status_code in (500, 502) or not is_problem or is_silent:
                self.unworthy.append(told)

    @property
    def _session(self) -> requests.Session:
        """One per thread: a `requests` session is not made for several."""
        if not hasattr(self._threads, "session"):
            session = requests.Session()
            session.trust_env = False
            self._threads.session = session
        found: requests.Session = self._threads.session
        return found
