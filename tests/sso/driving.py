"""Drivers made as the process makes them, and the step of one attempt."""

from gateway.auth.sso.driver import Driver, Step
from gateway.auth.sso.settings import drivers
from services.chassis.config import load
from tests.sso.servers import OpenId

STEP = Step(
    state="state-of-this-attempt",
    nonce="nonce-of-this-attempt",
    code_verifier="verifier-of-this-attempt-which-is-long-enough-for-the-rules",
    return_url="http://gateway.test/sso/city/return",
)


def driver_of(**settings: str) -> Driver:
    variables = {f"GONGZHI_SSO_CITY_{setting}": value for setting, value in settings.items()}
    return drivers(load(variables))["city"]


def openid_driver(openid: OpenId, **settings: str) -> Driver:
    return driver_of(
        **{
            "KIND": "oidc",
            "LABEL": "市统一身份认证",
            "ISSUER": openid.url,
            "CLIENT_ID": openid.client_id,
            "CLIENT_SECRET": openid.client_secret,
            **settings,
        }
    )
