"""From the button to the session: what is remembered between the redirects, and who is who."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from uuid import UUID

from gateway.auth.sso.driver import Driver, ExternalIdentity, Provider, ProviderUnavailable, Step
from gateway.storage import identities, users
from gateway.storage.identities import Origin, PendingStep
from gateway.storage.users import User
from services.chassis.db import Database
from services.chassis.sealing import Sealer
from services.contracts.base import Conflict, Invalid, NotFound

# As long as somebody may take to find his card, or a second factor, at the other system.
STEP_LASTS = timedelta(minutes=10)


class ProviderNotFound(NotFound): ...


class IdentityTaken(Conflict): ...


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Somebody has come back. `username`: whose identity it is here; None if nobody has linked it yet."""

    identity: ExternalIdentity
    username: str | None
    wanted: str


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What is kept of an identity while the session lasts that it opened."""

    provider: str
    session_keys: tuple[str, ...] = field(repr=False)
    has_second_factor: bool = False
    logout_hint: str = field(default="", repr=False)

    @classmethod
    def of(cls, identity: ExternalIdentity) -> Self:
        return cls(
            provider=identity.provider,
            session_keys=identity.session_keys,
            has_second_factor=identity.has_second_factor,
            logout_hint=identity.logout_hint,
        )


@dataclass(frozen=True, kw_only=True)
class Farewell:
    """Where to sign out of the other system as well."""

    label: str
    address: str


class SingleSignOn:
    """`public_url`: where browsers find the gateway; every provider has an address of its own to return to,
    so that one provider's answer cannot be passed off as another's (RFC 9700, 4.4).
    """

    def __init__(
        self, database: Database, drivers: Mapping[str, Driver], *, public_url: str, sealer: Sealer
    ) -> None:
        self._database = database
        self._drivers = drivers
        self._public_url = public_url
        self._sealer = sealer

    def providers(self) -> list[Provider]:
        return [driver.provider for driver in self._drivers.values()]

    def provider(self, name: str) -> Provider:
        return self._driver(name).provider

    def start(self, name: str, *, browser: str, wanted: str) -> str:
        """Where to send the person; `browser` is a secret that only this browser holds."""
        driver = self._driver(name)
        step = Step(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            code_verifier=secrets.token_urlsafe(48),
            return_url=self._return_url(name),
        )
        address = driver.start(step)
        pending = PendingStep(
            provider=name, nonce=step.nonce, code_verifier=step.code_verifier, wanted=wanted
        )
        with self._database.transaction() as tx:
            identities.forget_steps(tx.session, now=tx.now)
            identities.add_step(
                tx.session,
                pending,
                state_hash=_hashed(step.state),
                browser_hash=_hashed(browser),
                expires_at=tx.now + STEP_LASTS,
            )
        return address

    def finish(self, name: str, *, browser: str, answer: Mapping[str, str]) -> Arrival:
        """Raises `SignOnRefused` unless this browser left for this provider lately and has not come back yet."""
        driver = self._driver(name)
        state = answer.get("state", "")
        with self._database.transaction() as tx:
            pending = identities.take_step(
                tx.session, state_hash=_hashed(state), browser_hash=_hashed(browser), now=tx.now
            )
        if pending is None or pending.provider != name:
            raise driver.provider.refusal("unknown, used or foreign state")
        step = Step(
            state=state,
            nonce=pending.nonce,
            code_verifier=pending.code_verifier,
            return_url=self._return_url(name),
        )
        identity = driver.finish(step, answer)
        with self._database.transaction() as tx:
            owner = identities.find_owner(tx.session, provider=name, subject=identity.subject)
            identities.note_use(tx.session, provider=name, subject=identity.subject, now=tx.now)
        return Arrival(identity=identity, username=owner, wanted=pending.wanted)

    def remember(self, opening: Opening, session_id: UUID) -> None:
        """What opened this session, so that both ends can end it."""
        origin = Origin(
            provider=opening.provider,
            has_second_factor=opening.has_second_factor,
            sealed_hint=self._sealer.seal(opening.logout_hint, context=str(session_id)),
        )
        with self._database.transaction() as tx:
            key_hashes = [_hashed(key) for key in opening.session_keys]
            identities.note_origin(tx.session, origin, session_id=session_id, key_hashes=key_hashes)

    def origin(self, session_id: UUID) -> Origin | None:
        """The system that opened this session, if another did and is still trusted."""
        if not self._drivers:
            return None
        with self._database.reading() as tx:
            found = identities.find_origin(tx.session, session_id)
        return found if found is not None and found.provider in self._drivers else None

    def farewell(self, session_id: UUID) -> Farewell | None:
        """Before the session ends here: where the person signs out of the system that opened it."""
        origin = self.origin(session_id)
        if origin is None:
            return None
        driver = self._drivers[origin.provider]
        hint = self._sealer.unseal(origin.sealed_hint, context=str(session_id))
        try:
            address = driver.logout_address(logout_hint=hint, back_to=f"{self._public_url}/signin")
        except ProviderUnavailable:
            return None  # signing out here does not wait for anybody
        return Farewell(label=driver.provider.label, address=address) if address else None

    def end_sessions(self, name: str, message: Mapping[str, str]) -> int:
        """The other system says that somebody has signed out there; how many sessions that ended here."""
        driver = self._driver(name)
        key = driver.ended_key(message)
        with self._database.transaction() as tx:
            ended = identities.end_sessions(tx.session, provider=name, key_hash=_hashed(key))
            for user_id in ended:
                users.log_sign_in(
                    tx.session,
                    username="",
                    user_id=user_id,
                    address="",
                    user_agent="",
                    outcome="signed_out",
                    note=driver.provider.label,
                    now=tx.now,
                )
        return len(ended)

    def _driver(self, name: str) -> Driver:
        if name not in self._drivers:
            raise ProviderNotFound("没有这种登录方式。")
        return self._drivers[name]

    def _return_url(self, name: str) -> str:
        return f"{self._public_url}/sso/{name}/return"


def link(database: Database, *, provider: str, subject: str, user: User) -> None:
    """From now on, whoever signs in there as `subject` is this user here."""
    if not 1 <= len(subject) <= 255 or not subject.isprintable():
        raise Invalid("身份编号应为 1 至 255 个可见字符。")
    with database.transaction() as tx:
        if identities.add_identity(
            tx.session, provider=provider, subject=subject, user_id=user.user_id, now=tx.now
        ):
            return
        owner = identities.find_owner(tx.session, provider=provider, subject=subject)
    if owner is None:
        raise IdentityTaken("这个账号已经绑定了另一个身份；如需更换，请联系管理员先解除。")
    if owner != user.username:
        raise IdentityTaken("这个身份已经绑定了别的账号；如有错误，请联系管理员解除。")


def unlink(database: Database, *, provider: str, user: User) -> None:
    with database.transaction() as tx:
        if not identities.remove_identity(tx.session, provider=provider, user_id=user.user_id):
            raise NotFound("这个账号没有绑定这种身份。")


def _hashed(secret: str) -> bytes:
    # States, tickets and session ids have enough random bits of their own for a fast hash.
    return hashlib.sha256(secret.encode()).digest()
