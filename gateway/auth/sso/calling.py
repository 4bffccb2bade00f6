"""Asking another system: never longer than agreed, never more than agreed, never elsewhere."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from gateway.auth.sso.driver import Provider

MOST_ANSWER_BYTES = 512 * 1024
_CONNECT_SECONDS = 3.0


class Bounded(HTTPAdapter):
    """Reads the whole answer itself: the timeout of requests only bounds each silence."""

    def __init__(self, seconds: float) -> None:
        super().__init__(max_retries=0)
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        deadline = time.monotonic() + self._seconds
        kwargs |= {"stream": True, "timeout": (min(_CONNECT_SECONDS, self._seconds), self._seconds)}
        response = super().send(request, *args, **kwargs)
        try:
            body = b"".join(_chunks(response, deadline))
        finally:
            response.close()
        response.raw = io.BytesIO(body)
        return response


def _chunks(response: requests.Response, deadline: float) -> Iterator[bytes]:
    size = 0
    while chunk := response.raw.read1(64 * 1024, decode_content=True):
        size += len(chunk)
        if size > MOST_ANSWER_BYTES or time.monotonic() > deadline:
            raise requests.Timeout("The answer does not end.")
        yield chunk


def bind(session: requests.Session, provider: Provider) -> None:
    # A redirect could carry a secret to another host; none of these addresses has reason to send one.
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, Bounded(provider.seconds))


@contextmanager
def asking(provider: Provider) -> Iterator[requests.Session]:
    """A session for the questions of one sign-in; whatever goes wrong with them is `ProviderUnavailable`."""
    with requests.Session() as session:
        bind(session, provider)
        with faults_of(provider):
            yield session


@contextmanager
def faults_of(provider: Provider) -> Iterator[None]:
    """urllib3's and the socket's own errors too: the body is read below what requests translates."""
    try:
        yield
    except (OSError, HTTPError) as error:
        raise provider.unavailable(type(error).__name__) from error


def json_of(response: requests.Response, provider: Provider) -> dict[str, Any]:
    """The object in a good answer."""
    if response.status_code != 200:
        raise provider.unavailable(f"HTTP {response.status_code}")
    try:
        found = response.json()
    except ValueError:
        raise provider.unavailable("not JSON") from None
    if not isinstance(found, dict):
        raise provider.unavailable("not a JSON object")
    return found
