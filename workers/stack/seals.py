"""The demonstration's seal: a root certificate and one sealing key, made at the first start."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID
from dotenv import dotenv_values

from workers.stack.folder import write_env, write_private_bytes

ROOT_NAME, SEAL_NAME = "职评演示根证书（无法律效力）", "职评演示印章（无法律效力）"
PASSWORD = "ZHIPING_SEAL_PASSWORD"  # noqa: S105 - the name of a setting
# A rehearsal's clock may stand years back; a seal must have been valid when it was set.
VALID_FROM, VALID_UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class DemoSeal:
    """Where the demonstration's seal lies, and the password of its key."""

    store: Path
    root: Path
    password: str

    @property
    def settings(self) -> dict[str, str]:
        """As the settings of the stack."""
        return {
            "seal_store": str(self.store),
            "seal_root": str(self.root),
            "seal_password": self.password,
        }


def demo_seal(folder: Path) -> DemoSeal:
    """The seal of a stack's folder, made where there is none.

    The root's own key is thrown away at once: it certifies this one seal and nothing else, ever.
    Whatever was sealed stays verifiable with `seal-root.pem`.
    """
    store, root, keys = folder / "seal.p12", folder / "seal-root.pem", folder / "seal.env"
    if not all(path.exists() for path in (store, root, keys)):
        _make(store, root, keys)
    return DemoSeal(store, root, dotenv_values(keys, interpolate=False).get(PASSWORD) or "")


def _make(store: Path, root: Path, keys: Path) -> None:
    root_key, seal_key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    issuer = _name(ROOT_NAME)
    root_certificate = (
        _certificate(issuer, issuer, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signing=False), critical=True)
        .add_extension(_key_id(root_key), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _certificate(issuer, _name(SEAL_NAME), seal_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signing=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    password = secrets.token_hex(16)
    content = serialize_key_and_certificates(
        SEAL_NAME.encode(), seal_key, certificate, None, BestAvailableEncryption(password.encode())
    )
    write_private_bytes(store, content)
    write_private_bytes(root, root_certificate.public_bytes(Encoding.PEM))
    # The password comes last: without it the other two are made anew.
    write_env(keys, {PASSWORD: password})


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _key_id(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signing,
        content_commitment=signing,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signing,
        crl_sign=not signing,
        encipher_only=False,
        decipher_only=False,
    )
