"""OpenID Connect against a provider that tells lies, breaks down, or is very slow."""

import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from gateway.auth.sso.driver import ExternalIdentity, ProviderUnavailable, SignOnRefused
from tests.sso.driving import STEP, openid_driver
from tests.sso.servers import OpenId, after, challenge, encoded

HOUR = 3600


def signed_in(openid: OpenId, **settings: str) -> ExternalIdentity:
    driver = openid_driver(openid, **settings)
    return driver.finish(STEP, openid.consent(driver.start(STEP)))


def test_the_address_carries_state_nonce_and_a_hashed_verifier(openid: OpenId) -> None:
    address = openid_driver(openid).start(STEP)

    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{openid.url}/auth?")
    assert asked == {
        "response_type": "code",
        "client_id": "gongzhi",
        "redirect_uri": STEP.return_url,
        "scope": "openid profile",
        "state": STEP.state,
        "nonce": STEP.nonce,
        "code_challenge": challenge(STEP.code_verifier),
        "code_challenge_method": "S256",
    }


def test_whoever_signed_in_there_is_known_by_subject_and_name(openid: OpenId) -> None:
    identity = signed_in(openid)

    assert (identity.provider, identity.subject, identity.display_name) == ("city", "u-1001", "王秀兰")
    assert identity.session_keys == ("sub:u-1001",)


def test_a_staff_number_that_only_userinfo_tells_can_be_the_subject(openid: OpenId) -> None:
    openid.person = {"sub": "u-1001", "staff_number": 230101}
    openid.claims = {"staff_number": None}

    assert signed_in(openid, SUBJECT_CLAIM="staff_number").subject == "230101"


def test_userinfo_about_somebody_else_is_refused(openid: OpenId) -> None:
    openid.claims = {"name": None}
    openid.say("/userinfo", (200, "application/json", b'{"sub": "u-2", "name": "x"}'))

    with pytest.raises(SignOnRefused):
        signed_in(openid)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of-another-attempt"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["gongzhi", "another-client"]},
        {"azp": "another-client"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"exp": int(time.time()) - HOUR},
        {"exp": None},
        {"exp": float("1e400")},
        {"iat": int(time.time()) + HOUR},
        {"iat": int(time.time()) - HOUR},
        {"iat": None},
        {"iat": "now"},
    ],
    ids=str,
)
def test_a_token_with_a_false_claim_is_refused(openid: OpenId, claims: dict[str, Any]) -> None:
    openid.claims = claims

    with pytest.raises(SignOnRefused):
        signed_in(openid)


def test_a_token_for_several_clients_is_good_when_we_are_the_party_it_names(openid: OpenId) -> None:
    openid.claims = {"aud": ["gongzhi", "another-client"], "azp": "gongzhi"}

    assert signed_in(openid).subject == "u-1001"


def _unsigned(openid: OpenId, claims: dict[str, Any]) -> str:
    head = encoded(json.dumps({"alg": "none", "kid": openid.key.kid}).encode())
    return f"{head}.{encoded(json.dumps(claims).encode())}."


def _signed_with_the_public_key_as_a_secret(openid: OpenId, claims: dict[str, Any]) -> str:
    # By hand: joserfc refuses to be used like this.
    signing = ".".join(
        encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": openid.key.kid}, claims)
    )
    signature = hmac.new(openid.key.as_pem(private=False), signing.encode(), hashlib.sha256).digest()
    return f"{signing}.{encoded(signature)}"


def _signed_with_the_client_secret(openid: OpenId, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(openid.client_secret))


def _signed_by_somebody_else(openid: OpenId, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": str(openid.key.kid)}, claims, openid.new_key())


def _changed_afterwards(openid: OpenId, claims: dict[str, Any]) -> str:
    head, _, signature = openid.signed(claims).split(".")
    return f"{head}.{encoded(json.dumps({**claims, 'sub': 'u-1'}).encode())}.{signature}"


def _another_kind_of_token(openid: OpenId, claims: dict[str, Any]) -> str:
    return openid.signed(claims, typ="logout+jwt")


@pytest.mark.parametrize(
    "forge",
    [
        _unsigned,
        _signed_with_the_public_key_as_a_secret,
        _signed_with_the_client_secret,
        _signed_by_somebody_else,
        _changed_afterwards,
        _another_kind_of_token,
        lambda _openid, _claims: "not.a.token",
        lambda _openid, _claims: "",
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_forged_token_is_refused(openid: OpenId, forge: Any) -> None:
    openid.sign = lambda claims: forge(openid, claims)

    with pytest.raises(SignOnRefused):
        signed_in(openid)


def test_a_code_without_its_verifier_is_worth_nothing(openid: OpenId) -> None:
    driver = openid_driver(openid)
    answer = openid.consent(driver.start(STEP))

    with pytest.raises(SignOnRefused):
        driver.finish(replace(STEP, code_verifier="of-somebody-else"), answer)


def test_a_code_is_worth_nothing_twice(openid: OpenId) -> None:
    driver = openid_driver(openid)
    answer = openid.consent(driver.start(STEP))
    driver.finish(STEP, answer)

    with pytest.raises(SignOnRefused):
        driver.finish(STEP, answer)


def test_a_refusal_there_is_a_refusal_here(openid: OpenId) -> None:
    with pytest.raises(SignOnRefused):
        openid_driver(openid).finish(STEP, {"error": "access_denied", "state": STEP.state})


def test_an_answer_of_another_issuer_is_not_taken_to_the_token_endpoint(openid: OpenId) -> None:
    driver = openid_driver(openid)
    answer = openid.consent(driver.start(STEP))

    with pytest.raises(SignOnRefused):
        driver.finish(STEP, {**answer, "iss": "https://elsewhere.example"})
    assert openid.asked("/token") == []


def test_a_promised_issuer_must_not_be_missing(openid: OpenId) -> None:
    promised = {**openid.metadata(), "authorization_response_iss_parameter_supported": True}
    openid.say("/.well-known/openid-configuration", (200, "application/json", json.dumps(promised).encode()))

    with pytest.raises(SignOnRefused):
        signed_in(openid)


def test_a_new_key_of_the_provider_is_learnt(openid: OpenId, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = openid_driver(openid)
    driver.finish(STEP, openid.consent(driver.start(STEP)))
    openid.key = openid.new_key()
    monkeypatch.setattr("gateway.auth.sso.openid.ASKED_AGAIN_AFTER_SECONDS", 0)

    assert driver.finish(STEP, openid.consent(driver.start(STEP))).subject == "u-1001"


def test_unknown_keys_do_not_make_us_ask_for_keys_all_the_time(openid: OpenId) -> None:
    driver = openid_driver(openid)
    openid.sign = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": "unknown"}, claims, openid.new_key(), algorithms=["RS256"]
    )

    for _ in range(3):
        with pytest.raises(SignOnRefused):
            driver.finish(STEP, openid.consent(driver.start(STEP)))

    assert len(openid.asked("/jwks")) == 1
    assert len(openid.asked("/.well-known/openid-configuration")) == 1


def test_a_provider_with_other_keys_beside_its_own_is_understood(openid: OpenId) -> None:
    keys = [
        {"kty": "SM2", "kid": "national"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": str(openid.key.kid)},
        "nonsense",
        openid.key.as_dict(private=False),
    ]
    openid.say("/jwks", (200, "application/json", json.dumps({"keys": keys}).encode()))

    assert signed_in(openid).subject == "u-1001"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
@pytest.mark.parametrize(
    "answer",
    [
        (500, "text/html", b"<h1>Error</h1>"),
        (200, "text/html", b"<h1>Welcome</h1>"),
        (200, "application/json", b"[1, 2]"),
        (200, "application/json", b"null"),
        (200, "application/json", b"\xff\xfe"),
        (200, "application/json", b" " * (600 * 1024)),
        (302, "text/plain", b"http://127.0.0.1:9/"),
    ],
    ids=["500", "a page", "a list", "null", "no text", "endless", "a redirect"],
)
def test_nonsense_of_the_provider_is_an_outage(openid: OpenId, path: str, answer: Any) -> None:
    openid.say(path, answer)

    with pytest.raises(ProviderUnavailable, match="市统一身份认证"):
        signed_in(openid)


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": None},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "/jwks"},
    ],
    ids=str,
)
def test_metadata_that_cannot_be_right_is_an_outage(openid: OpenId, changed: dict[str, Any]) -> None:
    found = json.dumps({**openid.metadata(), **changed}).encode()
    openid.say("/.well-known/openid-configuration", (200, "application/json", found))

    with pytest.raises(ProviderUnavailable):
        signed_in(openid)


def test_nobody_waits_longer_than_the_time_limit(openid: OpenId) -> None:
    openid.say("/token", after(5, (200, "application/json", b"{}")))
    began = time.monotonic()

    with pytest.raises(ProviderUnavailable):
        signed_in(openid, TIMEOUT="1")

    assert time.monotonic() - began < 3


def test_a_provider_that_is_not_there_is_an_outage() -> None:
    gone = OpenId()
    gone.url = "http://127.0.0.1:9"

    with pytest.raises(ProviderUnavailable):
        openid_driver(gone).start(STEP)


@pytest.mark.parametrize(
    ("told", "setting", "counts"),
    [
        ({"amr": ["pwd", "mfa"]}, "amr=mfa", True),
        ({"amr": ["pwd"]}, "amr=mfa", False),
        ({}, "amr=mfa", False),
        ({"acr": "level-3"}, "acr=level-3", True),
        ({"amr": ["mfa"]}, "", False),
    ],
)
def test_a_second_factor_counts_when_it_is_told_and_the_setting_believes_it(
    openid: OpenId, told: dict[str, Any], setting: str, counts: bool
) -> None:
    openid.claims = told

    assert signed_in(openid, SECOND_FACTOR=setting).has_second_factor is counts


def test_signing_out_there_names_the_client_the_token_and_the_way_back(openid: OpenId) -> None:
    address = openid_driver(openid).logout_address(logout_hint="token", back_to="http://gateway.test/signin")

    assert address.startswith(f"{openid.url}/logout?client_id=gongzhi&")
    assert parse_qs(urlsplit(address).query)["id_token_hint"] == ["token"]


@pytest.mark.parametrize(
    ("changed", "header"),
    [
        ({"iss": "https://elsewhere.example"}, {}),
        ({"aud": "another-client"}, {}),
        ({"events": {}}, {}),
        ({"events": None}, {}),
        ({"nonce": "n"}, {}),
        ({"jti": None}, {}),
        ({"sub": None}, {}),
        ({"exp": int(time.time()) - HOUR}, {}),
        ({"iat": int(time.time()) - HOUR}, {}),
        ({}, {"typ": "at+jwt"}),
        ({}, {"typ": "id+jwt"}),
    ],
    ids=str,
)
def test_a_logout_message_with_a_false_claim_is_refused(
    openid: OpenId, changed: dict[str, Any], header: dict[str, str]
) -> None:
    token = openid.signed(openid.logout_claims(**changed), **header)

    with pytest.raises(SignOnRefused):
        openid_driver(openid).ended_key({"logout_token": token})


def test_a_logout_message_names_a_session_or_all_of_a_person(openid: OpenId) -> None:
    driver = openid_driver(openid)

    of_person = driver.ended_key({"logout_token": openid.signed(openid.logout_claims())})
    of_session = driver.ended_key({"logout_token": openid.signed(openid.logout_claims(sid="s-1"))})

    assert (of_person, of_session) == ("sub:u-1001", "sid:s-1")


@pytest.mark.parametrize("kind", ["logout+jwt", "application/logout+jwt", "JWT"])
def test_a_logout_message_may_say_what_it_is(openid: OpenId, kind: str) -> None:
    token = openid.signed(openid.logout_claims(), typ=kind)

    assert openid_driver(openid).ended_key({"logout_token": token}) == "sub:u-1001"
