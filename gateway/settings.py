"""What the gateway alone needs to know, out of the process's settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from gateway.auth.password_rules import PasswordRules
from services.chassis.config import Config, ConfigError
from services.chassis.sealing import Sealer
from services.contracts.base import Role

MIB = 1024 * 1024
# Whoever can change what others may do, or reads everything.
POWERFUL = (Role.CITY_ADMIN, Role.SECURITY_ADMIN, Role.OPERATOR, Role.AUDITOR)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`trusted_proxies`: how many reverse proxies stand in front and set `X-Forwarded-*`.

    `account_idle`: whoever has not signed in for so long is opened again by an administrator.
    `second_factor_roles`: who has to sign in with a code besides the password; `sealer` hashes recovery codes.
    """

    secret_key: bytes
    is_production: bool
    public_url: str
    rpc_timeout: float
    session_idle: timedelta
    session_absolute: timedelta
    most_body_bytes: int
    trusted_proxies: int
    account_idle: timedelta
    password_rules: PasswordRules
    second_factor_roles: frozenset[str]
    sealer: Sealer

    @classmethod
    def of(cls, config: Config) -> Self:
        env = config.variables
        return cls(
            secret_key=config.derived("gateway:forms"),
            is_production=config.is_production,
            public_url=config.public_url,
            rpc_timeout=config.rpc_timeout,
            session_idle=timedelta(minutes=_whole(env.get("GONGZHI_SESSION_IDLE_MINUTES", "30"))),
            session_absolute=timedelta(hours=_whole(env.get("GONGZHI_SESSION_HOURS", "12"))),
            most_body_bytes=8 * MIB,
            trusted_proxies=_whole(env.get("GONGZHI_TRUSTED_PROXIES", "0"), least=0),
            account_idle=timedelta(days=_whole(env.get("GONGZHI_IDLE_DAYS", "180"))),
            password_rules=PasswordRules.of(env),
            second_factor_roles=_roles(config),
            sealer=Sealer(config, purpose="second factors"),
        )

    @property
    def session_cookie(self) -> str:
        """`__Host-` makes browsers refuse a cookie set by another host or without TLS."""
        return "__Host-gongzhi_session" if self.is_production else "gongzhi_session"

    @property
    def half_session_cookie(self) -> str:
        """Between the password and the code."""
        return "__Host-gongzhi_half" if self.is_production else "gongzhi_half"


def _whole(text: str, *, least: int = 1) -> int:
    if not text.isdecimal() or not least <= int(text) <= 100_000:
        raise ConfigError(
            "GONGZHI_SESSION_IDLE_MINUTES、GONGZHI_SESSION_HOURS、GONGZHI_TRUSTED_PROXIES、GONGZHI_IDLE_DAYS"
            " 应为整数，"
            f"现在有一个是“{text}”。"
        )
    return int(text)


def _roles(config: Config) -> frozenset[str]:
    """In development nobody has to, so that the sample city stays one click away."""
    default = ",".join(POWERFUL) if config.is_production else ""
    named = config.variables.get("GONGZHI_SECOND_FACTOR_ROLES", default)
    roles = frozenset(part.strip() for part in named.split(",") if part.strip())
    if unknown := roles - set(Role):
        raise ConfigError(f"GONGZHI_SECOND_FACTOR_ROLES 中没有角色“{'、'.join(sorted(unknown))}”。")
    return roles
