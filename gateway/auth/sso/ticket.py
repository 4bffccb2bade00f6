"""The ticket style of governments' unified identity: back with a ticket, which we exchange with a signed call."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode
from uuid import uuid4

from gateway.auth.sso.calling import asking, json_of
from gateway.auth.sso.driver import ExternalIdentity, Provider, Step

PLACE = "{return_url}"


def signature(secret: str, *, sid: str, rid: str, rtime: str) -> str:
    """As the sharing platforms want it: Base64(HMAC-SHA256(secret, sid + rid + rtime))."""
    signed = hmac.new(secret.encode(), f"{sid}{rid}{rtime}".encode(), hashlib.sha256).digest()
    return base64.b64encode(signed).decode()


class TicketDriver:
    """`login_url` has the place `{return_url}`, because every city calls that parameter otherwise."""

    def __init__(
        self,
        provider: Provider,
        *,
        login_url: str,
        exchange_url: str,
        logout_url: str,
        client_id: str,
        client_secret: str,
        ticket_name: str,
        success_code: str,
    ) -> None:
        self.provider = provider
        self._login_url = login_url
        self._exchange_url = exchange_url
        self._logout_url = logout_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._ticket_name = ticket_name
        self._success_code = success_code

    def start(self, step: Step) -> str:
        back = f"{step.return_url}?{urlencode({'state': step.state})}"
        return self._login_url.replace(PLACE, quote(back, safe=""))

    def finish(self, step: Step, answer: Mapping[str, str]) -> ExternalIdentity:
        ticket = answer.get(self._ticket_name, "")
        if not ticket:
            raise self.provider.refusal("no ticket")
        with asking(self.provider) as session:
            response = session.post(
                self._exchange_url, json={self._ticket_name: ticket}, headers=self._signed_headers()
            )
            told = json_of(response, self.provider)
        person = told.get("data")
        if str(told.get("code")) != self._success_code or not isinstance(person, dict):
            raise self.provider.refusal(f"ticket: code {str(told.get('code'))[:50]}")
        return self.provider.identity(person, session_keys=(f"ticket:{ticket}",))

    def logout_address(self, *, logout_hint: str, back_to: str) -> str:
        return self._logout_url.replace(PLACE, quote(back_to, safe=""))

    def ended_key(self, message: Mapping[str, str]) -> str:
        raise self.provider.refusal("ticket systems send no logout messages")

    def _signed_headers(self) -> dict[str, str]:
        rid, rtime = str(uuid4()), str(int(time.time() * 1000))
        sign = signature(self._client_secret, sid=self._client_id, rid=rid, rtime=rtime)
        return {
            "gjgxjhpt_rid": rid,
            "gjgxjhpt_sid": self._client_id,
            "gjgxjhpt_rtime": rtime,
            "gjgxjhpt_sign": sign,
        }
