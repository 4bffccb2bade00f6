"""What every way of signing in elsewhere has in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.auth.errors import SignInRefused
from services.chassis.logs import get_logger
from services.contracts.base import Unavailable

log = get_logger(__name__)

LONGEST_SUBJECT = 255


class SignOnRefused(SignInRefused): ...


class ProviderUnavailable(Unavailable): ...


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One other system, as the settings describe it.

    `subject_claim` and `name_claim` name the facts that identify a person and that people call him by.
    `second_factor` is the fact and value by which it tells of a second factor; None if we do not believe it.
    """

    name: str
    label: str
    subject_claim: str
    name_claim: str
    second_factor: tuple[str, str] | None = None
    seconds: float = 5

    def refusal(self, reason: str) -> SignOnRefused:
        """One sentence for people; the reason is for operators, because it helps an attacker more."""
        log.warning("sign_on_refused", provider=self.name, reason=reason)
        return SignOnRefused(f"“{self.label}”登录没有成功，请重新登录。")

    def unavailable(self, reason: str) -> ProviderUnavailable:
        log.warning("sign_on_unavailable", provider=self.name, reason=reason)
        return ProviderUnavailable(f"“{self.label}”暂时没有回应，请稍后再试，或用本平台的密码登录。")

    def identity(
        self, claims: Mapping[str, Any], *, session_keys: tuple[str, ...], logout_hint: str = ""
    ) -> "ExternalIdentity":
        subject = claims.get(self.subject_claim)
        if isinstance(subject, int) and not isinstance(subject, bool):
            subject = str(subject)
        is_fitting = isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT
        if not is_fitting or not str(subject).isprintable():
            raise self.refusal(f"no usable {self.subject_claim}")
        name = claims.get(self.name_claim)
        return ExternalIdentity(
            provider=self.name,
            subject=str(subject),
            display_name=name[:64] if isinstance(name, str) and name.isprintable() else "",
            claims=claims,
            has_second_factor=self._tells_of_second_factor(claims),
            session_keys=session_keys,
            logout_hint=logout_hint,
        )

    def _tells_of_second_factor(self, claims: Mapping[str, Any]) -> bool:
        if self.second_factor is None:
            return False
        claim, wanted = self.second_factor
        told = claims.get(claim)
        return wanted in ([str(one) for one in told] if isinstance(told, list) else [str(told)])


@dataclass(frozen=True, kw_only=True)
class ExternalIdentity:
    """Who the other system says has signed in.

    `session_keys`: by which it may later end this session; `logout_hint`: what it wants to hear when we do.
    """

    provider: str
    subject: str
    display_name: str
    claims: Mapping[str, Any] = field(repr=False)
    has_second_factor: bool
    session_keys: tuple[str, ...] = field(repr=False)
    logout_hint: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One attempt: made when a person leaves for the other system, needed once when he comes back."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    return_url: str


class Driver(Protocol):
    provider: Provider

    def start(self, step: Step) -> str:
        """The address at the other system where the person signs in."""

    def finish(self, step: Step, answer: Mapping[str, str]) -> ExternalIdentity:
        """Who came back with this answer; raises `SignOnRefused` or `ProviderUnavailable`."""

    def logout_address(self, *, logout_hint: str, back_to: str) -> str:
        """Where the person also signs out of the other system; empty if it has no such place."""

    def ended_key(self, message: Mapping[str, str]) -> str:
        """Which sessions the other system tells us to end; raises `SignOnRefused` unless it is the one telling."""
