"""Real servers on this machine that behave as sign-in systems do, well and badly."""

import base64
import functools
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey

Answer = tuple[int, str, bytes]
Path = Callable[["Call"], Answer]
NOTHING: Answer = (404, "text/plain", b"")


@dataclass(frozen=True)
class Call:
    path: str
    args: dict[str, str]
    form: dict[str, str]
    body: bytes
    headers: dict[str, str]


def as_json(content: Any, *, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(content).encode()


def as_xml(content: str) -> Answer:
    return 200, "application/xml", content.encode()


def after(seconds: float, answer: Answer) -> Path:
    def behave(_call: Call) -> Answer:
        time.sleep(seconds)
        return answer

    return behave


@dataclass
class Server:
    """Answers each path with a function; `say` replaces one, `heard` keeps what was asked."""

    paths: dict[str, Path] = field(default_factory=dict)
    heard: list[Call] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_form = "urlencoded" in self.headers.get("Content-Type", "")
                call = Call(
                    path=parts.path,
                    args={key: values[0] for key, values in parse_qs(parts.query).items()},
                    form={key: values[0] for key, values in parse_qs(body.decode()).items()}
                    if is_form
                    else {},
                    body=body,
                    headers={name.lower(): value for name, value in self.headers.items()},
                )
                outer.heard.append(call)
                status, kind, content = outer.paths.get(parts.path, after(0, NOTHING))(call)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                if 300 <= status < 400:
                    self.send_header("Location", content.decode())
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815  http.server looks for these names

            def log_message(self, *_: object) -> None: ...

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def say(self, path: str, answer: Answer | Path) -> None:
        self.paths[path] = answer if callable(answer) else lambda _call: answer

    def asked(self, path: str) -> list[Call]:
        return [call for call in self.heard if call.path == path]


class OpenId(Server):
    """An OpenID Connect provider whose every statement a test may falsify."""

    client_id = "gongzhi"
    client_secret = "a-secret-of-the-test"

    def __init__(self) -> None:
        super().__init__()
        self.key = _first_key()
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.person: dict[str, Any] = {"sub": "u-1001", "name": "王秀兰"}
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.paths = {
            "/.well-known/openid-configuration": lambda _: as_json(self.metadata()),
            "/jwks": lambda _: as_json({"keys": [self.key.as_dict(private=False, use="sig")]}),
            "/token": self.exchange,
            "/userinfo": lambda _: as_json(self.person),
        }

    @staticmethod
    def new_key() -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": str(uuid4())})

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "end_session_endpoint": f"{self.url}/logout",
        }

    def consent(self, address: str) -> dict[str, str]:
        """What the browser brings back after the person signed in at that address."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        code = str(uuid4())
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def exchange(self, call: Call) -> Answer:
        asked = self.codes.pop(call.form.get("code", ""), None)
        if asked is None or challenge(call.form.get("code_verifier", "")) != asked["code_challenge"]:
            return as_json({"error": "invalid_grant"}, status=400)
        token = self.sign(self.id_claims(asked["nonce"]))
        return as_json({"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token})

    def id_claims(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        standard = {"iss": self.url, "aud": self.client_id, "exp": now + 60, "iat": now, "nonce": nonce}
        claims = {**standard, **self.person, **self.claims}
        return {name: value for name, value in claims.items() if value is not None}

    def logout_claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid4()),
            "sub": self.person["sub"],
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, claims: dict[str, Any], **header: str) -> str:
        return jwt.encode({"alg": "RS256", "kid": str(self.key.kid), **header}, claims, self.key)


@functools.cache
def _first_key() -> RSAKey:
    return OpenId.new_key()


def challenge(verifier: str) -> str:
    return encoded(hashlib.sha256(verifier.encode()).digest())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


CAS = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{}</cas:serviceResponse>'
SUCCESS = CAS.format(
    "<cas:authenticationSuccess><cas:user>wangxl</cas:user><cas:attributes>"
    "<cas:displayName>王秀兰</cas:displayName><cas:staffNumber>230101</cas:staffNumber>"
    "<cas:method>password</cas:method><cas:method>mfa-sms</cas:method>"
    "</cas:attributes></cas:authenticationSuccess>"
)
FAILURE = CAS.format("<cas:authenticationFailure code='INVALID_TICKET'>no</cas:authenticationFailure>")
LOGOUT = (
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1" Version="2.0">'
    "<samlp:SessionIndex>ST-1</samlp:SessionIndex></samlp:LogoutRequest>"
)


class CasServer(Server):
    """Gives one ticket, good once and for one service."""

    def __init__(self) -> None:
        super().__init__()
        self.tickets: dict[str, str] = {}
        self.paths["/cas/p3/serviceValidate"] = self.validate

    def validate(self, call: Call) -> Answer:
        service = self.tickets.pop(call.args["ticket"], None)
        return as_xml(SUCCESS if service == call.args["service"] else FAILURE)
