"""`GONGZHI_SSO_<NAME>_…` -> the drivers; a wrong value is told in one sentence when the process starts."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from gateway.auth.sso.cas import CasDriver
from gateway.auth.sso.driver import Driver, Provider
from gateway.auth.sso.openid import OpenIdDriver
from gateway.auth.sso.ticket import PLACE, TicketDriver
from services.chassis.config import Config, ConfigError

PREFIX = "GONGZHI_SSO_"
_NAME = re.compile(rf"{PREFIX}([A-Z][A-Z0-9]{{0,31}})_[A-Z]")


def drivers(config: Config) -> dict[str, Driver]:
    """By the name in addresses (`/sso/city/start`), in the order of their names; raises `ConfigError`."""
    given = {name: value.strip() for name, value in config.variables.items() if name.startswith(PREFIX)}
    for variable in given:
        if not _NAME.match(variable):
            raise ConfigError(f"{variable} 无法识别，应为 {PREFIX}<名称>_KIND 这样，名称只用大写字母和数字。")
    names = sorted({found[1] for variable in given if (found := _NAME.match(variable))})
    return {name.lower(): _driver(_Variables(name, given, config.is_production)) for name in names}


class _Variables:
    """The variables of one provider; remembers which of them somebody asked for."""

    def __init__(self, name: str, given: Mapping[str, str], is_production: bool) -> None:
        self.name = name
        self._prefix = f"{PREFIX}{name}_"
        self._given = {key: value for key, value in given.items() if key.startswith(self._prefix)}
        self._asked: set[str] = set()
        self._is_production = is_production

    def variable(self, setting: str) -> str:
        return f"{self._prefix}{setting}"

    def get(self, setting: str, default: str = "") -> str:
        self._asked.add(self.variable(setting))
        return self._given.get(self.variable(setting)) or default

    def need(self, setting: str) -> str:
        value = self.get(setting)
        if not value:
            raise ConfigError(f"没有设置 {self.variable(setting)}（单点登录“{self.name}”需要它）。")
        return value

    def address(self, setting: str, *, is_needed: bool = True, place: str = "") -> str:
        url = self.need(setting) if is_needed else self.get(setting)
        if not url:
            return ""
        parts = urlsplit(url)
        schemes = ("https",) if self._is_production else ("https", "http")
        if parts.scheme not in schemes or not parts.hostname or parts.username:
            raise ConfigError(f"{self.variable(setting)} 应为 {'/'.join(schemes)} 地址，现在的值无法识别。")
        if place and place not in url:
            raise ConfigError(f"{self.variable(setting)} 中应有 {place}，返回地址将写在那里。")
        return url if place else url.rstrip("/")

    def seconds(self, setting: str, default: str) -> float:
        text = self.get(setting, default)
        if not text.isdecimal() or not 1 <= int(text) <= 30:
            raise ConfigError(f"{self.variable(setting)} 应为 1 到 30 的整数秒，现在是“{text}”。")
        return float(text)

    def pair(self, setting: str) -> tuple[str, str] | None:
        text = self.get(setting)
        if not text:
            return None
        claim, sign, value = text.partition("=")
        if not (claim and sign and value):
            raise ConfigError(f"{self.variable(setting)} 应为 amr=mfa 这样的“名称=值”，现在是“{text}”。")
        return claim, value

    def require_no_others(self) -> None:
        if unknown := sorted(self._given.keys() - self._asked):
            raise ConfigError(f"没有 {unknown[0]} 这个设置项（或与 KIND 不符），请检查拼写。")


def _driver(variables: _Variables) -> Driver:
    kind = variables.get("KIND")
    if kind not in _KINDS:
        raise ConfigError(f"{variables.variable('KIND')} 应为 {'、'.join(_KINDS)} 之一，现在是“{kind}”。")
    make, subject_claim, name_claim = _KINDS[kind]
    provider = Provider(
        name=variables.name.lower(),
        label=variables.get("LABEL", variables.name),
        subject_claim=variables.get("SUBJECT_CLAIM", subject_claim),
        name_claim=variables.get("NAME_CLAIM", name_claim),
        second_factor=variables.pair("SECOND_FACTOR"),
        seconds=variables.seconds("TIMEOUT", "5"),
    )
    driver = make(provider, variables)
    variables.require_no_others()
    return driver


def _openid(provider: Provider, variables: _Variables) -> Driver:
    scope = variables.get("SCOPE", "openid profile")
    if "openid" not in scope.split():
        raise ConfigError(f"{variables.variable('SCOPE')} 中必须有 openid。")
    return OpenIdDriver(
        provider,
        issuer=variables.address("ISSUER"),
        client_id=variables.need("CLIENT_ID"),
        client_secret=variables.get("CLIENT_SECRET"),
        scope=scope,
        acr_values=variables.get("ACR_VALUES"),
    )


def _cas(provider: Provider, variables: _Variables) -> Driver:
    return CasDriver(provider, url=variables.address("URL"))


def _ticket(provider: Provider, variables: _Variables) -> Driver:
    return TicketDriver(
        provider,
        login_url=variables.address("LOGIN_URL", place=PLACE),
        exchange_url=variables.address("EXCHANGE_URL"),
        logout_url=variables.address("LOGOUT_URL", is_needed=False, place=PLACE),
        client_id=variables.need("CLIENT_ID"),
        client_secret=variables.need("CLIENT_SECRET"),
        ticket_name=variables.get("TICKET_NAME", "ticket"),
        success_code=variables.get("SUCCESS_CODE", "0"),
    )


# With the claims that usually identify a person, and that he is usually called by.
_KINDS: dict[str, tuple[Callable[[Provider, _Variables], Driver], str, str]] = {
    "oidc": (_openid, "sub", "name"),
    "cas": (_cas, "user", "displayName"),
    "ticket": (_ticket, "userId", "name"),
}
