"""What makes a token of an OpenID Connect provider worthy of belief."""

from collections.abc import Iterable
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet

from services.chassis.clock import utc_now

# Only signatures that the provider alone can make. With HS256 in this list its public key, which
# everybody knows, would pass as a shared secret; `none` is no signature at all.
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)

LEEWAY_SECONDS = 60
# A token arrives seconds after it was made; an old one is somebody's find.
OLDEST_SECONDS = 600

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_KINDS = {"logout+jwt", "application/logout+jwt"}
_OTHER_KINDS = {"at+jwt", "application/at+jwt", *_LOGOUT_KINDS}
# Says only that it is a token at all; providers that do not name the kind leave it at this, or say nothing.
_ANY_KIND = {"", "jwt", "application/jwt"}


class TokenRefused(Exception):
    """The message is for operators."""


class KeyUnknown(TokenRefused):
    """Signed with a key that we have not seen; the provider may have a new one."""


def usable_keys(document: dict[str, Any]) -> KeySet:
    """The keys of a JWKS that verify signatures; what cannot be read or has another use is left out."""
    return KeySet(list(_readable(document.get("keys") or [])))


def _readable(keys: Iterable[Any]) -> Iterable[Any]:
    for key in keys:
        # A symmetric key in a public document is a mistake, and must never verify anything.
        if not isinstance(key, dict) or key.get("use", "sig") != "sig" or key.get("kty") == "oct":
            continue
        try:
            yield JWKRegistry.import_key(key)
        except (JoseError, ValueError, KeyError):
            continue


def read_id_token(text: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7); raises `TokenRefused`."""
    header, claims = _verified(text, keys)
    if _kind(header) in _OTHER_KINDS:
        raise TokenRefused("another kind of token")
    _check(
        claims,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    _check_audience(claims, client_id)
    _check_age(claims)
    return claims


def read_logout_token(text: str, keys: KeySet, *, issuer: str, client_id: str) -> dict[str, Any]:
    """The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6); raises `TokenRefused`."""
    header, claims = _verified(text, keys)
    if _kind(header) not in _LOGOUT_KINDS | _ANY_KIND:
        raise TokenRefused("another kind of token")
    _check(
        claims,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )
    _check_age(claims)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise TokenRefused("no logout event")
    if "nonce" in claims:  # an ID token made to look like one
        raise TokenRefused("a nonce where none belongs")
    return claims


def _kind(header: dict[str, Any]) -> str:
    return str(header.get("typ", "")).lower()


def _verified(text: str, keys: KeySet) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        token = jwt.decode(text, keys, algorithms=ALGORITHMS)
    except InvalidKeyIdError as error:
        raise KeyUnknown("unknown key") from error
    # joserfc lets errors of the parser and of cryptography through where a token or key is nonsense.
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise TokenRefused(f"signature: {type(error).__name__}") from error
    return token.header, token.claims


def _check(claims: dict[str, Any], **options: Any) -> None:
    registry = jwt.JWTClaimsRegistry(leeway=LEEWAY_SECONDS, **options)
    try:
        registry.validate(claims)
    except JoseError as error:
        raise TokenRefused(f"claims: {error}") from error


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    audience = claims["aud"]
    has_others = isinstance(audience, list) and set(audience) != {client_id}
    party = claims.get("azp")
    if (has_others or party is not None) and party != client_id:
        raise TokenRefused("made for another client")


def _check_age(claims: dict[str, Any]) -> None:
    if claims["iat"] < utc_now().timestamp() - OLDEST_SECONDS:
        raise TokenRefused("too old")
