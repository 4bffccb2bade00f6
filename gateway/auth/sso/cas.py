"""CAS 3.0: a ticket in the address, checked behind the scenes; the server speaks XML."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError

import requests
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateway.auth.sso.calling import asking
from gateway.auth.sso.driver import ExternalIdentity, Provider, Step

_CAS = "{http://www.yale.edu/tp/cas}"
_SAML = "{urn:oasis:names:tc:SAML:2.0:protocol}"


class CasDriver:
    """CAS has no `state`: ours stands in the service's address, which the ticket is bound to."""

    def __init__(self, provider: Provider, *, url: str) -> None:
        self.provider = provider
        self._url = url

    def start(self, step: Step) -> str:
        return f"{self._url}/login?{urlencode({'service': _service(step)})}"

    def finish(self, step: Step, answer: Mapping[str, str]) -> ExternalIdentity:
        ticket = answer.get("ticket", "")
        if not ticket:
            raise self.provider.refusal("no ticket")
        with asking(self.provider) as session:
            asked = {"service": _service(step), "ticket": ticket}
            root = self._read(session.get(f"{self._url}/p3/serviceValidate", params=asked))
        success = root.find(f"{_CAS}authenticationSuccess")
        if success is None:
            failure = root.find(f"{_CAS}authenticationFailure")
            code = "strange" if failure is None else failure.get("code", "")[:50]
            raise self.provider.refusal(f"ticket: {code}")
        return self.provider.identity(_facts(success), session_keys=(f"ticket:{ticket}",))

    def logout_address(self, *, logout_hint: str, back_to: str) -> str:
        return f"{self._url}/logout?{urlencode({'service': back_to})}"

    def ended_key(self, message: Mapping[str, str]) -> str:
        """Whoever knows the ticket is the server: nobody else but us has seen it."""
        try:
            request = fromstring(message.get("logoutRequest", ""))
        except (ParseError, DefusedXmlException, ValueError):
            raise self.provider.refusal("logout request: not XML") from None
        ticket = request.findtext(f"{_SAML}SessionIndex", "").strip()
        if request.tag != f"{_SAML}LogoutRequest" or not ticket:
            raise self.provider.refusal("logout request: no ticket")
        return f"ticket:{ticket}"

    def _read(self, response: requests.Response) -> Element:
        if response.status_code != 200:
            raise self.provider.unavailable(f"HTTP {response.status_code}")
        try:
            root: Element = fromstring(response.content)
        except (ParseError, DefusedXmlException, ValueError):
            raise self.provider.unavailable("not XML") from None
        if root.tag != f"{_CAS}serviceResponse":
            raise self.provider.unavailable("not an answer of CAS")
        return root


def _service(step: Step) -> str:
    return f"{step.return_url}?{urlencode({'state': step.state})}"


def _facts(success: Element) -> dict[str, Any]:
    """The name under which the person signed in, as `user`, and the attributes; repeated ones are lists."""
    facts: dict[str, Any] = {}
    for attribute in success.findall(f"{_CAS}attributes/*"):
        name, value = attribute.tag.rpartition("}")[2], (attribute.text or "").strip()
        before = facts.get(name)
        if before is None:
            facts[name] = value
        else:
            facts[name] = [*(before if isinstance(before, list) else [before]), value]
    return {**facts, "user": success.findtext(f"{_CAS}user", "").strip()}
