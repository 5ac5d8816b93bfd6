"""A small OpenID provider on a real port, written from the specifications (OpenID Connect Core 1.0, Discovery 1.0, RFC
7636) with `cryptography` alone; it tells lies when asked to."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT, SECRET = "lobby", "s3cret/with:odd characters"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    """`claims` are said besides the usual ones; `lie` changes the claims, `sign` how they are signed."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.lie: dict[str, Any] = {}
        self.sign = "RS256"
        self.says_issuer: str | None = None
        self.shows_keys = True
        self.asked: list[str] = []
        self.seen: list[dict[str, list[str]]] = []  # what browsers were sent with
        self._codes: dict[str, dict[str, list[str]]] = {}
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self.rotate()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def rotate(self) -> None:
        """A new key in place of the old one."""
        self._keys = {secrets.token_hex(4): rsa.generate_private_key(65537, 2048)}

    def tell_the_truth(self) -> None:
        self.lie, self.sign, self.says_issuer = {}, "RS256", None

    def authorize(self, asked: dict[str, list[str]]) -> str:
        """Where the browser is sent back to."""
        self.seen.append(asked)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"][0], "iss": self.issuer}
        return f"{asked['redirect_uri'][0]}?{urlencode(back)}"

    def token(self, form: dict[str, list[str]], authorization: str) -> tuple[int, Any]:
        asked = self._codes.pop(form.get("code", [""])[0], None)  # good once
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        client, _, secret = given.partition(":")
        if (client, parse_qs(f"s={secret}")["s"][0]) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        if asked["code_challenge_method"] != ["S256"] or asked["code_challenge"] != [b64(digest)]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "u-1", "aud": CLIENT, "exp": now + 300, "iat": now,
            "nonce": asked["nonce"][0], **self.claims, **self.lie,
        }  # fmt: skip
        said = {key: value for key, value in claims.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(said)}

    def keys(self) -> Any:
        shown = self._keys.items() if self.shows_keys else ()
        return {"keys": [self._public(name, key) for name, key in shown]}

    def discovery(self) -> Any:
        return {
            "issuer": self.says_issuer or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
        }

    def _signed(self, claims: Any) -> str:
        name, key = next(iter(self._keys.items()))
        head = {"alg": self.sign, "kid": name, "typ": "JWT"}
        text = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
        if self.sign == "none":
            return f"{text}."
        if self.sign == "HS256":  # with what everybody knows: the public key
            public = json.dumps(self.keys()["keys"][0]).encode()
            return f"{text}.{b64(hashlib.sha256(public + text.encode()).digest())}"
        if self.sign == "stranger":
            head["alg"] = "RS256"
            text = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
            key = rsa.generate_private_key(65537, 2048)
        return f"{text}.{b64(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def _public(self, name: str, key: rsa.RSAPrivateKey) -> Any:
        numbers = key.public_key().public_numbers()
        return {
            "kty": "RSA", "kid": name, "use": "sig", "alg": "RS256",
            "n": b64(numbers.n.to_bytes(256)), "e": b64(numbers.e.to_bytes(3)),
        }  # fmt: skip

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                provider.asked.append(parts.path)
                if parts.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(parse_qs(parts.query)))
                    self.end_headers()
                elif parts.path == "/keys":
                    self._say(200, provider.keys())
                else:
                    self._say(200, provider.discovery())

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                self._say(*provider.token(form, self.headers.get("authorization", "")))

            def _say(self, status: int, what: Any) -> None:
                body = json.dumps(what).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: Any) -> None:
                return

        return Handler
