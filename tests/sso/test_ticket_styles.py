"""CAS 3.0 and the ticket style of governments, each against a small real server."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from gateway.auth.sso.driver import Driver, ProviderUnavailable, SignOnRefused
from gateway.auth.sso.ticket import signature
from tests.sso.driving import STEP, driver_of
from tests.sso.servers import CAS, LOGOUT, Answer, Call, CasServer, Server, as_json, as_xml

SERVICE = f"{STEP.return_url}?state={STEP.state}"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
THIEF = '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]><x>&file;</x>'


@pytest.fixture
def cas_server() -> Iterator[CasServer]:
    with CasServer() as running:
        running.tickets["ST-1"] = SERVICE
        yield running


def cas(server: Server, **settings: str) -> Driver:
    return driver_of(KIND="cas", LABEL="市统一身份认证", URL=f"{server.url}/cas/", **settings)


def test_cas_is_told_our_address_with_the_state_in_it(cas_server: CasServer) -> None:
    address = cas(cas_server).start(STEP)

    assert address == f"{cas_server.url}/cas/login?service={quote(SERVICE, safe='')}"


def test_a_ticket_of_cas_tells_who_came(cas_server: CasServer) -> None:
    identity = cas(cas_server).finish(STEP, {"ticket": "ST-1", "state": STEP.state})

    assert (identity.subject, identity.display_name) == ("wangxl", "王秀兰")
    assert identity.session_keys == ("ticket:ST-1",)
    assert not identity.has_second_factor


def test_attributes_of_cas_may_name_the_subject_and_tell_of_a_second_factor(cas_server: CasServer) -> None:
    driver = cas(cas_server, SUBJECT_CLAIM="staffNumber", SECOND_FACTOR="method=mfa-sms")

    identity = driver.finish(STEP, {"ticket": "ST-1"})

    assert identity.subject == "230101"
    assert identity.has_second_factor


@pytest.mark.parametrize(
    "answer", [{}, {"ticket": ""}, {"ticket": "ST-2"}, {"ticket": "ST-1&service=x"}], ids=str
)
def test_a_wrong_ticket_of_cas_is_refused(cas_server: CasServer, answer: dict[str, str]) -> None:
    with pytest.raises(SignOnRefused):
        cas(cas_server).finish(STEP, answer)


def test_a_ticket_of_cas_is_good_once(cas_server: CasServer) -> None:
    driver = cas(cas_server)
    driver.finish(STEP, {"ticket": "ST-1"})

    with pytest.raises(SignOnRefused):
        driver.finish(STEP, {"ticket": "ST-1"})


@pytest.mark.parametrize(
    "answer",
    [
        (500, "text/html", b"x"),
        as_xml("<h1>Welcome"),
        as_xml("<x/>"),
        as_xml(BOMB),
        as_xml(THIEF),
        as_xml(""),
    ],
    ids=["500", "a page", "another document", "a bomb", "a thief", "nothing"],
)
def test_nonsense_of_cas_is_an_outage(cas_server: CasServer, answer: Answer) -> None:
    cas_server.say("/cas/p3/serviceValidate", answer)

    with pytest.raises(ProviderUnavailable):
        cas(cas_server).finish(STEP, {"ticket": "ST-1"})


def test_a_success_of_cas_without_a_name_is_refused(cas_server: CasServer) -> None:
    cas_server.say("/cas/p3/serviceValidate", as_xml(CAS.format("<cas:authenticationSuccess/>")))

    with pytest.raises(SignOnRefused):
        cas(cas_server).finish(STEP, {"ticket": "ST-1"})


def test_cas_ends_the_session_of_a_ticket(cas_server: CasServer) -> None:
    assert cas(cas_server).ended_key({"logoutRequest": LOGOUT}) == "ticket:ST-1"


@pytest.mark.parametrize("message", ["", "no xml", BOMB, THIEF, "<x/>", LOGOUT.replace("ST-1", " ")])
def test_a_logout_message_that_is_none_is_refused(cas_server: CasServer, message: str) -> None:
    with pytest.raises(SignOnRefused):
        cas(cas_server).ended_key({"logoutRequest": message})


def test_signing_out_of_cas_leads_back_here(cas_server: CasServer) -> None:
    address = cas(cas_server).logout_address(logout_hint="", back_to="http://gateway.test/signin")

    assert address == f"{cas_server.url}/cas/logout?service=http%3A%2F%2Fgateway.test%2Fsignin"


class TicketServer(Server):
    """Exchanges one ticket for a person, if the call is signed as it should be."""

    secret = "secret-of-the-test"

    def __init__(self) -> None:
        super().__init__()
        self.tickets = {"T-1": {"userId": "a81", "name": "王秀兰", "authLevel": 3}}
        self.paths["/exchange"] = self.exchange

    def exchange(self, call: Call) -> Answer:
        rid, rtime = call.headers["gjgxjhpt_rid"], call.headers["gjgxjhpt_rtime"]
        expected = signature(self.secret, sid=call.headers["gjgxjhpt_sid"], rid=rid, rtime=rtime)
        if call.headers["gjgxjhpt_sign"] != expected:
            return as_json({"code": "401", "msg": "签名不正确"})
        person = self.tickets.pop(json.loads(call.body)["ticket"], None)
        return as_json({"code": "0", "data": person} if person else {"code": "1001", "data": None})


@pytest.fixture
def ticket_server() -> Iterator[TicketServer]:
    with TicketServer() as running:
        yield running


def ticket(server: Server, **settings: str) -> Driver:
    return driver_of(
        **{
            "KIND": "ticket",
            "LOGIN_URL": f"{server.url}/login?app=gongzhi&goto={{return_url}}",
            "LOGOUT_URL": f"{server.url}/logout?goto={{return_url}}",
            "EXCHANGE_URL": f"{server.url}/exchange",
            "CLIENT_ID": "s_demo_0001",
            "CLIENT_SECRET": TicketServer.secret,
            **settings,
        }
    )


def test_calls_are_signed_as_the_sharing_platforms_want_it() -> None:
    signed = signature("demo-secret", sid="s_demo_0001", rid="r-demo-0001", rtime="1767225600000")

    assert signed == "sZRaA7W6WCjXR1g9eZcAkRCmJHPu7FfZGRszDcgY0Ak="


def test_the_way_back_is_written_where_the_login_address_has_its_place(ticket_server: TicketServer) -> None:
    address = ticket(ticket_server).start(STEP)

    assert parse_qs(urlsplit(address).query) == {"app": ["gongzhi"], "goto": [SERVICE]}


def test_a_ticket_is_exchanged_for_a_person(ticket_server: TicketServer) -> None:
    identity = ticket(ticket_server, SECOND_FACTOR="authLevel=3").finish(STEP, {"ticket": "T-1"})

    assert (identity.subject, identity.display_name) == ("a81", "王秀兰")
    assert identity.has_second_factor


@pytest.mark.parametrize("answer", [{}, {"ticket": "T-2"}], ids=str)
def test_a_wrong_ticket_is_refused(ticket_server: TicketServer, answer: dict[str, str]) -> None:
    with pytest.raises(SignOnRefused):
        ticket(ticket_server).finish(STEP, answer)


def test_a_call_signed_with_another_secret_gets_no_person(ticket_server: TicketServer) -> None:
    with pytest.raises(SignOnRefused):
        ticket(ticket_server, CLIENT_SECRET="of-somebody-else").finish(STEP, {"ticket": "T-1"})


@pytest.mark.parametrize(
    "answer",
    [(502, "text/html", b""), (200, "text/html", b"x"), as_json([])],
    ids=["502", "a page", "a list"],
)
def test_nonsense_of_the_exchange_is_an_outage(ticket_server: TicketServer, answer: Answer) -> None:
    ticket_server.say("/exchange", answer)

    with pytest.raises(ProviderUnavailable):
        ticket(ticket_server).finish(STEP, {"ticket": "T-1"})


@pytest.mark.parametrize(
    "answer", [{"code": "0"}, {"code": "0", "data": []}, {"data": {"userId": "x"}}], ids=str
)
def test_an_answer_without_a_person_is_refused(
    ticket_server: TicketServer, answer: dict[str, object]
) -> None:
    ticket_server.say("/exchange", as_json(answer))

    with pytest.raises(SignOnRefused):
        ticket(ticket_server).finish(STEP, {"ticket": "T-1"})


def test_signing_out_leads_to_the_address_of_the_settings_if_there_is_one(
    ticket_server: TicketServer,
) -> None:
    back = "http://gateway.test/signin"

    address = ticket(ticket_server).logout_address(logout_hint="", back_to=back)

    assert address == f"{ticket_server.url}/logout?goto=http%3A%2F%2Fgateway.test%2Fsignin"
    assert ticket(ticket_server, LOGOUT_URL="").logout_address(logout_hint="", back_to=back) == ""
