"""How the gateway itself refuses.

NotSignedIn        401  nobody has said who asks
└── SignInRefused  401  name and password do not belong together
TooManyAttempts    429  the next sign-in has to wait
"""

from services.contracts.base import GongzhiError


class NotSignedIn(GongzhiError): ...


class SignInRefused(NotSignedIn): ...


class TooManyAttempts(GongzhiError):
    """`retry_after`: whole seconds to wait; set by whoever raises."""

    retry_after: int = 1
