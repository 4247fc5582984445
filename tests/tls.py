"""Certificates made for a test, and a gate that speaks TLS before a server that does not.

The embedded stack's PostgreSQL and engine are built without it. What is tried is what a client of ours
does with a certificate, so the handshake is a real one and so is the server behind; between them the
bytes pass unread.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
"""What a PostgreSQL client asks before anything else."""
Greeting = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


class Authority:
    """A root of one's own, which signs for servers and clients."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._built(self._subject, self._key.public_key(), authority=True)
        self.root = folder / f"{name}.pem"
        self.root.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def pair(self, name: str, *, ended: bool = False) -> Pair:
        """A certificate of a server by this name or address, or of a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._built(subject, key.public_key(), name=name, ended=ended)
        place = self._folder / f"{self._name}-{made.serial_number}"
        pair = Pair(place.with_suffix(".crt"), place.with_suffix(".key"))
        pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        pair.key.chmod(0o600)
        return pair

    def _built(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        *,
        authority: bool = False,
        name: str = "",
        ended: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        until = now - timedelta(days=1) if ended else now + timedelta(days=2)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=3))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if name:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_named(name)]), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def server_context(pair: Pair, *, clients: Path | None = None) -> ssl.SSLContext:
    """What a server shows; with `clients` it asks for a certificate of that root."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    context.set_alpn_protocols(["h2"])
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def as_postgres(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A client of PostgreSQL asks for TLS in the clear, and is told yes by one letter."""
    assert await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST
    writer.write(b"S")
    await writer.drain()


@asynccontextmanager
async def tls_gate(
    context: ssl.SSLContext, host: str, port: int, *, greeting: Greeting | None = None
) -> AsyncIterator[int]:
    """A port of 127.0.0.1 that speaks TLS and hands on what is in it to ``host:port``."""

    open_ones: set[asyncio.Task[None]] = set()

    async def carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that refuses the certificate leaves in the middle: that is what is tried.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if greeting is not None:
                await greeting(reader, writer)
                await writer.start_tls(context)
            inner_reader, inner_writer = await asyncio.open_connection(host, port)
            await asyncio.gather(_carry(reader, inner_writer), _carry(inner_reader, writer))
        writer.close()

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(carried(reader, writer))
        open_ones.add(task)
        task.add_done_callback(open_ones.discard)

    first = None if greeting is not None else context
    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=first)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while content := await reader.read(65536):
            writer.write(content)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
