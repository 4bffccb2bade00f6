"""What the gateway alone needs to know, out of the process's settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from services.chassis.config import Config, ConfigError

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`trusted_proxies`: how many reverse proxies stand in front and set `X-Forwarded-*`."""

    secret_key: bytes
    is_production: bool
    public_url: str
    rpc_timeout: float
    session_idle: timedelta
    session_absolute: timedelta
    most_body_bytes: int
    trusted_proxies: int

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
        )

    @property
    def session_cookie(self) -> str:
        """`__Host-` makes browsers refuse a cookie set by another host or without TLS."""
        return "__Host-gongzhi_session" if self.is_production else "gongzhi_session"


def _whole(text: str, *, least: int = 1) -> int:
    if not text.isdecimal() or not least <= int(text) <= 100_000:
        raise ConfigError(
            "GONGZHI_SESSION_IDLE_MINUTES、GONGZHI_SESSION_HOURS、GONGZHI_TRUSTED_PROXIES 应为整数，"
            f"现在有一个是“{text}”。"
        )
    return int(text)
