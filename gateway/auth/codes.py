"""Short codes from paper: an address that guesses has to wait, longer each time."""

import math
from collections.abc import Callable
from typing import Any

from flask import current_app

from gateway.auth.errors import TooManyAttempts
from gateway.auth.session import client
from gateway.calls import consultation
from gateway.storage import throttles
from services.chassis.db import Database

# A family behind one address, with typing errors.
FREE = 10


def token_of_code(code: str) -> str:
    """The token of the personal link; raises `TooManyAttempts`, and what consultation refuses."""
    token: str = guarded("code", lambda: consultation.open_code(code=code))["token"]
    return token


def guarded(what: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer to one guess at a code of that kind; a right one is not counted against its address."""
    database: Database | None = current_app.extensions["database"]
    if database is None:  # an app without any server, for looking at pages
        return ask()
    key = f"{what}:{client().address}"
    with database.transaction() as tx:
        wait = throttles.count_attempt(tx.session, key=key, free=FREE, now=tx.now).wait
    if wait:
        seconds = max(1, math.ceil(wait.total_seconds()))
        refusal = TooManyAttempts(f"尝试次数过多，请 {seconds} 秒后再试。")
        refusal.retry_after = seconds
        raise refusal
    found = ask()
    with database.transaction() as tx:
        throttles.take_back(tx.session, key=key, now=tx.now)
    return found
