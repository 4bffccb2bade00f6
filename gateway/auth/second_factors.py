"""Codes that change every half minute (TOTP, RFC 6238), and the paper ones for the day the phone is lost."""

import hmac
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy.orm import Session

from gateway.auth.passwords import normalised
from gateway.storage import second_factors
from services.chassis.db import Database
from services.chassis.sealing import Sealer
from services.contracts.base import Conflict, invalid_field

STEP_SECONDS = 30
# A clock may be one step off; each step counts once.
STEPS_OFF = 1
RECOVERY_CODES = 10
ISSUER = "共治"
# Without letters and digits that look alike on paper; 10 of 31 signs are 49 random bits.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


class SecondFactorAlreadySet(Conflict): ...


class SecondFactorNotSet(Conflict): ...


def code_at(secret: str, step: int, *, digits: int = 6) -> str:
    """`secret` in base 32; step n lasts from second 30 n to second 30 n + 29 of Unix time."""
    return pyotp.HOTP(secret, digits=digits).at(step)


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


class SecondFactors:
    """Set up, confirmed by one code, used at sign-in; `sealer` hashes the recovery codes."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def offer(self, user_id: UUID) -> str:
        """The secret to set up: the same until it is confirmed. Raises `SecondFactorAlreadySet`."""
        with self._database.transaction() as tx:
            second_factors.offer(tx.session, user_id=user_id, secret=pyotp.random_base32(), now=tx.now)
            offered = second_factors.find_offered(tx.session, user_id)
        if offered is None:
            raise SecondFactorAlreadySet("动态验证码已经设置好；要换手机请先停用再重新设置。")
        return offered

    def confirm(self, user_id: UUID, code: str) -> list[str]:
        """From now on every sign-in asks for a code. The recovery codes, to be shown this once."""
        with self._database.transaction() as tx:
            if second_factors.find_offered(tx.session, user_id) is None:
                raise SecondFactorAlreadySet("动态验证码已经设置好。")
            if not self._accept_step(tx.session, user_id, code, now=tx.now):
                raise invalid_field("code", "验证码不正确，请核对手机时间后输入当前的 6 位数字。")
            second_factors.confirm(tx.session, user_id=user_id, now=tx.now)
            return self._new_codes(tx.session, user_id)

    def accept(self, session: Session, *, user_id: UUID, code: str, now: datetime) -> bool:
        """Whether the code, from the phone or from paper, is right and was not used before; it is used now."""
        tidy = "".join(code.split()).replace("-", "").casefold()
        if tidy.isdecimal() and len(tidy) == 6:
            return self._accept_step(session, user_id, tidy, now=now)
        code_hash = self._code_hash(user_id, normalised(tidy))
        return second_factors.use_recovery_code(session, user_id=user_id, code_hash=code_hash)

    def renew_codes(self, session: Session, user_id: UUID) -> list[str]:
        """Ten new ones; those before are worth nothing any more."""
        return self._new_codes(session, user_id)

    def remove(self, session: Session, user_id: UUID) -> None:
        second_factors.remove(session, user_id)

    def count_codes(self, user_id: UUID) -> int:
        with self._database.reading() as tx:
            return second_factors.count_recovery_codes(tx.session, user_id)

    def address(self, secret: str, username: str) -> str:
        """What the QR code says to the phone's app."""
        return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)

    def _accept_step(self, session: Session, user_id: UUID, code: str, *, now: datetime) -> bool:
        secret = second_factors.find_secret(session, user_id)
        if secret is None:
            return False
        present = step_of(now)
        return any(
            hmac.compare_digest(code_at(secret, step).encode(), code.strip().encode())
            and second_factors.use_step(session, user_id=user_id, step=step)
            for step in range(present - STEPS_OFF, present + STEPS_OFF + 1)
        )

    def _new_codes(self, session: Session, user_id: UUID) -> list[str]:
        codes = ["".join(secrets.choice(_SIGNS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
        second_factors.replace_recovery_codes(
            session, user_id=user_id, code_hashes=[self._code_hash(user_id, code) for code in codes]
        )
        return [f"{code[:5]}-{code[5:]}" for code in codes]

    def _code_hash(self, user_id: UUID, code: str) -> bytes:
        return self._sealer.keyed_hash(f"recovery:{user_id}:{code}")
