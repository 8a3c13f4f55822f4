"""A FranceConnect on 127.0.0.1 that signs for real. Each of its faults is one attribute away."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

SUB = "b6048e95bb134ec5b1d1e1fa69f287172e91722b9354d637a1bcf2ebb0fd2ef5v1"
CLIENT, SECRET = "participons", "un-secret-de-test-assez-long-pour-signer-en-hs256"


class Key:
    def __init__(self, kid: str, alg: str = "ES256") -> None:
        self.kid, self.alg = kid, alg
        rsa_key = alg == "RS256"
        self.private = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
        algorithm = RSAAlgorithm if rsa_key else ECAlgorithm
        self.public = algorithm.to_jwk(self.private.public_key(), as_dict=True) | {"kid": kid, "use": "sig"}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        return jwt.encode(claims, self.private, algorithm=self.alg, headers={"kid": self.kid} | headers)


class Stub:
    """`claims` and `person` are laid over what is honest; None takes a claim out. `answers` replace a whole answer."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/v2"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.key = Key("premiere")
        self.published = [self.key]
        self.renew()

    def renew(self) -> None:
        self.claims: dict[str, Any] = {}
        self.person: dict[str, Any] = {}
        self.config: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.sign_id = self.sign_person = None
        self.nonce = ""
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(parse_qs(body))

            def _answer(self, form: dict[str, list[str]]) -> None:
                name = urlsplit(self.path).path.rpartition("/")[2]
                stub.asked.append((name, form | {"authorization": [self.headers.get("Authorization", "")]}))
                status, body = stub.answers.get(name) or (200, getattr(stub, f"say_{name.replace('-', '_')}")())
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def say_openid_configuration(self) -> bytes:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        names |= {"jwks_uri": "jwks", "end_session_endpoint": "logout"}
        found = {name: f"{self.url}/{end}" for name, end in names.items()}
        return json.dumps({"issuer": self.url} | found | self.config).encode()

    def say_jwks(self) -> bytes:
        return json.dumps({"keys": [key.public for key in self.published]}).encode()

    def say_token(self) -> bytes:
        claims = self.honest() | {"nonce": self.nonce, "acr": "eidas1"} | self.claims
        token = (self.sign_id or self.key.sign)({name: one for name, one in claims.items() if one is not None})
        return json.dumps({"access_token": "un-jeton", "token_type": "Bearer", "id_token": token}).encode()

    def say_userinfo(self) -> bytes:
        civil = {"given_name": "Alice", "family_name": "Martin", "birthdate": "1990-01-01"}
        claims = self.honest() | civil | {"email": "alice@example.org"} | self.person
        signed = (self.sign_person or self.key.sign)({name: one for name, one in claims.items() if one is not None})
        return signed.encode()

    def honest(self) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": self.url, "aud": CLIENT, "sub": SUB, "iat": now, "exp": now + 60}
