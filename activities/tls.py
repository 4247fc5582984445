"""What is told where a server's certificate is not believed, or it does not believe ours: in words, with a code.

Asking again mends none of it, and a library's own text says it in English to whoever has its source.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_FILES = frozenset(["sslrootcert", "sslcert", "sslkey", "sslcrl"])


@dataclass(frozen=True)
class Server:
    """Whom we speak to: the code's word, what people call it, and the settings that say whom to believe."""

    name: str
    called: str
    settings: str


DATABASE = Server("database", "数据库", "ZHIPING_DATABASE_URL 中的 sslmode、sslrootcert")
MAIL = Server("mail", "邮件服务器", "ZHIPING_SMTP_TLS、ZHIPING_SMTP_CA")


class NotTrustedError(OSError):
    """No connection, because one side does not believe the other's certificate.

    Attributes:
        code: `database_not_trusted`, `mail_not_trusted`.
        told: what is wrong, in Chinese; `mend`: what to do.
    """

    def __init__(self, server: Server, told: str, mend: str = "") -> None:
        self.code = f"{server.name}_not_trusted"
        self.told = f"{server.called}{told}。"
        self.mend = mend or f"请核对 {server.settings}，以及证书的签发机构、名称和有效期。"
        super().__init__(self.told + self.mend)


@contextmanager
def trusting(server: Server) -> Iterator[None]:
    """Tell what TLS says as what it means.

    Raises:
        NotTrustedError: within, a certificate was refused, by us or by the server.
    """
    try:
        yield
    except NotTrustedError:
        raise
    except Exception as err:
        told = distrust(err)
        if told is None:
            raise
        raise NotTrustedError(server, told) from err


@contextmanager
def trusting_database(url: str) -> Iterator[None]:
    """The same for a database's address, which names the files.

    Raises:
        NotTrustedError: also where one of them cannot be read.
    """
    for name, values in parse_qs(urlsplit(url).query).items():
        if name in _FILES and not os.access(values[-1], os.R_OK):
            mend = "请核对路径和权限；在容器中须先把它挂载进去（docs/production.md）。"
            raise NotTrustedError(DATABASE, f"地址中 {name} 所指的文件 {values[-1]} 不能读出", mend)
    with trusting(DATABASE):
        yield


def distrust(err: BaseException) -> str | None:
    """Why TLS refused, in Chinese; None where an error is none of TLS's."""
    link: BaseException | None = err
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return _of_certificate(link)
        if isinstance(link, ssl.SSLError):
            if "alert" in str(link).lower():
                return "没有接受我方的客户端证书"
            return f"的加密连接没有建立（{link.reason or type(link).__name__}）"
        link = link.__cause__ or link.__context__
    return None


def context(ca: Path | None, server: Server) -> ssl.SSLContext:
    """Whom we believe: that root alone, or the system's where none is named.

    Raises:
        NotTrustedError: the file is not there, or has no certificate.
    """
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        mend = f"请核对 {server.settings}：文件须为 PEM 格式的根证书，并可由本进程读出。"
        raise NotTrustedError(server, f"的根证书 {ca} 不能读出", mend) from None


def _of_certificate(err: ssl.SSLCertVerificationError) -> str:
    match err.verify_code:
        case 10:
            return "的证书已经过期"
        case 9:
            return "的证书还没有生效"
        case 62 | 64:
            return "的证书不是它的名称或地址的"
        case _:
            return "的证书不是由所信任的机构签发的"
