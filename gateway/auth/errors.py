"""How the gateway itself refuses.

NotSignedIn            401  nobody has said who asks
├── SignInRefused      401  name and password do not belong together
├── CodeRequired       401  the password is right, the second factor is still to come
├── CodeRefused        401  the second factor is wrong, or was used already
└── SignInExpired      401  too much time between the two steps
TooManyAttempts        429  the next sign-in has to wait
PasswordChangeDue      403  first a password of one's own
SecondFactorDue        403  first a second factor
ProofDue               403  first the password or the code once more
"""

from typing import TYPE_CHECKING

from services.contracts.base import Forbidden, GongzhiError

if TYPE_CHECKING:
    from gateway.storage.users import User


class NotSignedIn(GongzhiError): ...


class SignInRefused(NotSignedIn): ...


class CodeRequired(NotSignedIn):
    """`user`: whose password was right; set by whoever raises."""

    user: "User"


class CodeRefused(NotSignedIn): ...


class SignInExpired(NotSignedIn): ...


class TooManyAttempts(GongzhiError):
    """`retry_after`: whole seconds to wait; set by whoever raises."""

    retry_after: int = 1


class PasswordChangeDue(Forbidden): ...


class SecondFactorDue(Forbidden): ...


class ProofDue(Forbidden): ...
