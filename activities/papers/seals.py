"""Electronic seals: private keys with their certificates, one for all organisations or one each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID

DEFAULT = "default"
"""The seal of every organisation that has none of its own."""
DEMO_MARK = "演示"
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class SealError(Exception):
    """A seal cannot be used; the message never shows a key or password."""


@dataclass(frozen=True)
class SealKey:
    """A private key, its certificate, and the certificates between it and the root."""

    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def holder(self) -> str:
        """The common name of the certificate."""
        return common_name(self.certificate)

    @property
    def demo(self) -> bool:
        """Whether this is a demonstration's seal: its drawing says so too."""
        return DEMO_MARK in self.holder

    @classmethod
    def load(cls, content: bytes, password: str | None) -> SealKey:
        """Read a PKCS#12 file with an EC or RSA key.

        Raises:
            SealError: a wrong password, or no such file.
        """
        try:
            stored = load_pkcs12(content, password.encode() if password else None)
        except ValueError:
            raise SealError("the seal store cannot be opened: wrong password or format") from None
        key, certificate = stored.key, stored.cert
        if certificate is None or not isinstance(key, PrivateKey):
            raise SealError("the seal store holds no EC or RSA key with its certificate")
        chain = tuple(item.certificate for item in stored.additional_certs)
        return cls(key, certificate.certificate, chain)


@dataclass(frozen=True)
class Seals:
    """The seals of this installation, by organisation id; `default` serves the others."""

    keys: Mapping[str, SealKey]

    def of(self, organisation: str) -> SealKey | None:
        """The seal an organisation signs with; None where there is none."""
        return self.keys.get(organisation) or self.keys.get(DEFAULT)

    @classmethod
    def load(cls, store: Path | None, password: str | None) -> Seals:
        """Read a PKCS#12 file, or a folder of `<organisation>.p12` with `default.p12` for the rest.

        Raises:
            SealError: naming the file that cannot be used.
        """
        if store is None:
            return cls({})
        files = sorted(store.glob("*.p12")) if store.is_dir() else [store]
        return cls({_owner(store, file): _read(file, password) for file in files})


def common_name(certificate: x509.Certificate) -> str:
    """The common name of a certificate's subject; the whole subject where it has none."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else certificate.subject.rfc4514_string()


def read_roots(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file: the root and, where there are, those between.

    Raises:
        SealError: there is none in it.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise SealError("the file holds no PEM certificate") from None


def as_der(certificates: Iterable[x509.Certificate]) -> list[bytes]:
    """Certificates as pyHanko reads them."""
    return [certificate.public_bytes(Encoding.DER) for certificate in certificates]


def _owner(store: Path, file: Path) -> str:
    return file.stem if store.is_dir() else DEFAULT


def _read(file: Path, password: str | None) -> SealKey:
    try:
        return SealKey.load(file.read_bytes(), password)
    except OSError:
        raise SealError(f"the seal store {file} cannot be read") from None
    except SealError as err:
        raise SealError(f"{file}: {err}") from None
