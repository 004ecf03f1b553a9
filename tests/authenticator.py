"""An authenticator made of software: passkeys as a browser would hand them over (W3C WebAuthn, level 2, "none" attestation)."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, HAS_CREDENTIAL = 0x01, 0x40


class Authenticator:
    """One passkey of a site on `origin`; `uses` is the signature counter."""

    def __init__(self, origin: str) -> None:
        self.origin, self.uses = origin, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(self.key.private_numbers().private_value).encode()).digest()

    def create(self, options: str) -> str:
        """Return the browser's answer to creation options, as JSON."""
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        credential = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(cose)
        data = self._data(asked["rp"]["id"], USER_PRESENT | HAS_CREDENTIAL) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked)
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: str) -> str:
        """Return the browser's answer to request options, as JSON."""
        asked = json.loads(options)
        self.uses += 1
        data, client = self._data(asked["rpId"], USER_PRESENT), self._client("webauthn.get", asked)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _data(self, name: str, flags: int) -> bytes:
        return hashlib.sha256(name.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4)

    def _client(self, kind: str, asked: Any) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        own = _text(self.id)
        said = {name: _text(value) for name, value in response.items()}
        return json.dumps(
            {"id": own, "rawId": own, "type": "public-key", "response": said, "clientExtensionResults": {}}
        )


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def challenge_in(options: str) -> bytes:
    """Return the bytes a browser is to sign."""
    text = json.loads(options)["challenge"]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
