"""OpenID Connect: the authorization code flow with PKCE (RFC 9700), and both ways of signing out."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.integrations.requests_client import OAuth2Session, OAuthError
from joserfc.jwk import KeySet

from gateway.auth.sso import tokens
from gateway.auth.sso.calling import asking, bind, faults_of, json_of
from gateway.auth.sso.driver import ExternalIdentity, Provider, Step

# What the provider says of itself changes with its releases; its keys, every few months.
KNOWN_FOR_SECONDS = 3600.0
# A token with an unknown key may ask for the keys again, but not as often as strangers send such tokens.
ASKED_AGAIN_AFTER_SECONDS = 30.0

_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_MORE = ("userinfo_endpoint", "end_session_endpoint")


class Directory:
    """What the provider says of itself, asked rarely."""

    def __init__(self, provider: Provider, issuer: str) -> None:
        self._provider = provider
        self._issuer = issuer
        self._metadata: dict[str, Any] = {}
        self._keys = KeySet([])
        self._metadata_at = self._keys_at = float("-inf")

    def metadata(self) -> dict[str, Any]:
        if time.monotonic() - self._metadata_at > KNOWN_FOR_SECONDS:
            self._metadata = self._checked(self._get(f"{self._issuer}/.well-known/openid-configuration"))
            self._metadata_at = time.monotonic()
        return self._metadata

    def keys(self) -> KeySet:
        if time.monotonic() - self._keys_at > KNOWN_FOR_SECONDS:
            self._keys = tokens.usable_keys(self._get(self.metadata()["jwks_uri"]))
            self._keys_at = time.monotonic()
        return self._keys

    def forget_keys(self) -> bool:
        """False when they were asked for only just now."""
        if time.monotonic() - self._keys_at < ASKED_AGAIN_AFTER_SECONDS:
            return False
        self._keys_at = float("-inf")
        return True

    def _get(self, address: str) -> dict[str, Any]:
        with asking(self._provider) as session:
            return json_of(session.get(address, headers={"Accept": "application/json"}), self._provider)

    def _checked(self, found: dict[str, Any]) -> dict[str, Any]:
        if str(found.get("issuer", "")).rstrip("/") != self._issuer:
            raise self._provider.unavailable("metadata of another issuer")
        for name in (*_NEEDED, *(name for name in _MORE if name in found)):
            parts = urlsplit(str(found.get(name, "")))
            # Once found by https, nothing may lead to a line that others can read.
            if not parts.hostname or parts.scheme not in ("https", urlsplit(self._issuer).scheme):
                raise self._provider.unavailable(f"unusable {name}")
        return found


class OpenIdDriver:
    def __init__(
        self,
        provider: Provider,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        scope: str,
        acr_values: str,
    ) -> None:
        self.provider = provider
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._acr_values = acr_values
        self._directory = Directory(provider, issuer)

    def start(self, step: Step) -> str:
        metadata = self._directory.metadata()
        more = {"acr_values": self._acr_values} if self._acr_values else {}
        address, _ = self._client(step).create_authorization_url(
            metadata["authorization_endpoint"],
            state=step.state,
            nonce=step.nonce,
            code_verifier=step.code_verifier,
            **more,
        )
        return str(address)

    def finish(self, step: Step, answer: Mapping[str, str]) -> ExternalIdentity:
        metadata = self._directory.metadata()
        self._check_issuer(answer, metadata)
        if "error" in answer or not answer.get("code"):
            raise self.provider.refusal(f"provider answered {answer.get('error', 'no code')[:50]!r}")
        told = self._exchanged(step, answer["code"], metadata)
        claims = self._id_claims(str(told.get("id_token", "")), nonce=step.nonce)
        more = self._userinfo(told, claims, metadata)
        keys = [f"sub:{claims['sub']}"]
        if isinstance(claims.get("sid"), str):
            keys.append(f"sid:{claims['sid']}")
        # What was signed wins over what was fetched.
        return self.provider.identity(
            {**more, **claims}, session_keys=tuple(keys), logout_hint=str(told["id_token"])
        )

    def logout_address(self, *, logout_hint: str, back_to: str) -> str:
        address = self._directory.metadata().get("end_session_endpoint")
        if not address:
            return ""
        asked = {"client_id": self._client_id, "post_logout_redirect_uri": back_to}
        if logout_hint:
            asked["id_token_hint"] = logout_hint
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def ended_key(self, message: Mapping[str, str]) -> str:
        metadata = self._directory.metadata()
        claims = self._trusted(
            lambda keys: tokens.read_logout_token(
                message.get("logout_token", ""), keys, issuer=metadata["issuer"], client_id=self._client_id
            )
        )
        for name in ("sid", "sub"):
            if isinstance(claims.get(name), str):
                return f"{name}:{claims[name]}"
        raise self.provider.refusal("a logout token that names nobody")

    def _client(self, step: Step) -> OAuth2Session:
        client = OAuth2Session(
            self._client_id,
            self._client_secret or None,
            token_endpoint_auth_method=self._auth_method(),
            scope=self._scope,
            redirect_uri=step.return_url,
            code_challenge_method="S256",
        )
        bind(client, self.provider)
        return client

    def _auth_method(self) -> str:
        if not self._client_secret:
            return "none"
        offered = self._directory.metadata().get("token_endpoint_auth_methods_supported")
        is_post_only = isinstance(offered, list) and "client_secret_basic" not in offered
        return "client_secret_post" if is_post_only else "client_secret_basic"

    def _check_issuer(self, answer: Mapping[str, str], metadata: dict[str, Any]) -> None:
        """RFC 9207: an answer that another provider made is not taken to this one's token endpoint."""
        told = answer.get("iss")
        is_promised = metadata.get("authorization_response_iss_parameter_supported") is True
        if (told is None and is_promised) or (told is not None and told != metadata["issuer"]):
            raise self.provider.refusal("an answer of another issuer")

    def _exchanged(self, step: Step, code: str, metadata: dict[str, Any]) -> dict[str, Any]:
        with faults_of(self.provider), self._client(step) as client:
            try:
                told = client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=step.code_verifier,
                    redirect_uri=step.return_url,
                )
            except OAuthError as error:
                raise self.provider.refusal(f"token endpoint: {error.error}") from error
            # Authlib reads whatever JSON comes as if it were an object of the right kind.
            except (ValueError, TypeError, AttributeError) as error:
                raise self.provider.unavailable(f"token endpoint: {type(error).__name__}") from error
        if not isinstance(told.get("id_token"), str):
            raise self.provider.unavailable("token endpoint: no ID token")
        return dict(told)

    def _id_claims(self, text: str, *, nonce: str) -> dict[str, Any]:
        metadata = self._directory.metadata()
        return self._trusted(
            lambda keys: tokens.read_id_token(
                text, keys, issuer=metadata["issuer"], client_id=self._client_id, nonce=nonce
            )
        )

    def _trusted(self, read: Callable[[KeySet], dict[str, Any]]) -> dict[str, Any]:
        """Once more with fresh keys if the provider has changed them."""
        try:
            try:
                return read(self._directory.keys())
            except tokens.KeyUnknown:
                if not self._directory.forget_keys():
                    raise
                return read(self._directory.keys())
        except tokens.TokenRefused as refusal:
            raise self.provider.refusal(str(refusal)) from refusal

    def _userinfo(
        self, told: dict[str, Any], claims: dict[str, Any], metadata: dict[str, Any]
    ) -> dict[str, Any]:
        """What the ID token leaves out: many providers tell names and staff numbers only there."""
        address, access_token = metadata.get("userinfo_endpoint"), told.get("access_token")
        is_complete = {self.provider.subject_claim, self.provider.name_claim} <= claims.keys()
        if is_complete or not address or not access_token:
            return {}
        with asking(self.provider) as session:
            headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
            found = json_of(session.get(address, headers=headers), self.provider)
        if found.get("sub") != claims["sub"]:
            raise self.provider.refusal("userinfo about somebody else")
        return found
