"""A small client of the public API: signing in, idempotency keys, versions, paging, waiting."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import requests

Found = TypeVar("Found")

API = "/api/v1"
ATTEMPTS = 5
FIRST_PAUSE = 0.4
TRY_AGAIN = (502, 503, 504)
# The first request of this key has no answer yet.
STILL_RUNNING = "/problems/first_still_running"


class Refused(Exception):
    """The platform said no: `status`, the error's `code`, and its Chinese sentence as the message.

    `places` are the fields it complains about: JSON pointer or parameter -> sentence.
    """

    def __init__(self, status: int, code: str, message: str, places: dict[str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.places = places


class WaitedInVain(Exception):
    """What was waited for did not come in time."""


class Client:
    """One person's or program's connection; anonymous until `signed_in`. Threads may share it.

    Every change carries an idempotency key, so that a call is repeated after a broken connection
    or an answer that never came without taking effect twice.
    """

    def __init__(self, base_url: str, *, token: str | None = None, timeout: float = 30.0) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._threads = threading.local()

    def signed_in(self, username: str, password: str) -> "Client":
        answer = self.post("/session", {"username": username, "password": password})
        return Client(self.base_url, token=answer["token"], timeout=self._timeout)

    def get(self, path: str, **query: Any) -> Any:
        wanted = {name: _as_text(value) for name, value in query.items() if value is not None}
        return self._send("GET", path, params=wanted)

    def each(self, path: str, **query: Any) -> Iterator[Any]:
        """Every record of a list, page after page."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **{"limit": 200, **query})
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def post(self, path: str, body: Any = None, *, key: str | None = None, version: int | None = None) -> Any:
        """`key`: the same act with the same key takes effect once, however often it is sent."""
        return self._send("POST", path, json=body or {}, headers=_headers(key, version))

    def put(self, path: str, body: Any, *, key: str | None = None, version: int | None = None) -> Any:
        return self._send("PUT", path, json=body, headers=_headers(key, version))

    def delete(self, path: str, *, key: str | None = None) -> Any:
        return self._send("DELETE", path, headers=_headers(key, None))

    def upload(self, path: str, name: str, content: bytes, *, key: str | None = None, **form: str) -> Any:
        return self._send(
            "POST", path, files={"file": (name, content)}, data=form, headers=_headers(key, None)
        )

    def _send(self, method: str, path: str, **request: Any) -> Any:
        url = self.base_url + (path if path.startswith("/api/") else API + path)
        for attempt in range(1, ATTEMPTS + 1):
            is_last = attempt == ATTEMPTS
            try:
                answer = self._session.request(method, url, timeout=self._timeout, **request)
            except requests.ConnectionError:
                if is_last:
                    raise
            else:
                if is_last or not _is_worth_another_try(answer):
                    return _read(answer)
            time.sleep(FIRST_PAUSE * 2 ** (attempt - 1))
        raise AssertionError("the last attempt returns or raises")

    @property
    def _session(self) -> requests.Session:
        """One per thread: a `requests` session is not made for several."""
        if not hasattr(self._threads, "session"):
            session = requests.Session()
            session.trust_env = False  # a proxy of the environment is for the world outside
            session.headers["Accept"] = "application/json"
            if self._token:
                session.headers["Authorization"] = f"Bearer {self._token}"
            self._threads.session = session
        found: requests.Session = self._threads.session
        return found


def wait_for(look: Callable[[], Found | None], what: str, *, within: float = 30.0) -> Found:
    """Look again until there is something; events between services take their time."""
    deadline = time.monotonic() + within
    pause = 0.05
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise WaitedInVain(f"等了 {within:.0f} 秒，{what}仍未出现。")
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)


def _headers(key: str | None, version: int | None) -> dict[str, str]:
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return headers


def _is_worth_another_try(answer: requests.Response) -> bool:
    return answer.status_code in TRY_AGAIN or (answer.status_code == 409 and STILL_RUNNING in answer.text)


def _read(answer: requests.Response) -> Any:
    if answer.ok:
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.json() if is_json else answer.content
    try:
        problem = answer.json()
    except requests.JSONDecodeError:
        problem = {}
    complaints = problem.get("errors") or []
    raise Refused(
        answer.status_code,
        str(problem.get("type", "")).rpartition("/")[2],
        str(problem.get("detail") or answer.reason),
        {place.get("pointer") or place.get("parameter", ""): place["detail"] for place in complaints},
    )


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
