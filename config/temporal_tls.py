"""TLS to Temporal: what the connection is told, and what its refusals mean.

The SDK's own profiles (`ZHIPING_TEMPORAL_PROFILE`) can say the same; these settings are for who gives an
address, as compose does.
"""

from __future__ import annotations

import re
from pathlib import Path

from temporalio.service import TLSConfig

from config.gateway.errors import TemporalNotTrustedError
from config.settings import PREFIX, Settings, SettingsError

_CERTIFICATE = re.compile(r"InvalidCertificate\((\w+)")
_ALERT = re.compile(r"received fatal alert: (\w+)")
_WORDS = {
    "UnknownIssuer": "不是由所信任的机构签发的",
    "NotValidForName": "不是它的名称或地址的",
    "Expired": "已经过期",
    "NotValidYet": "还没有生效",
}


def tls_of(settings: Settings) -> TLSConfig | None:
    """What to believe and to show; None where the connection is not encrypted.

    Raises:
        SettingsError: `tls_file_unreadable`, a file is not there; `tls_half_stated`, a certificate
            without its key or the other way round.
    """
    ca = settings.temporal_tls_ca
    certificate, key = settings.temporal_tls_certificate, settings.temporal_tls_key
    if (certificate is None) != (key is None):
        raise SettingsError(
            "连接 Temporal 的客户端证书与私钥须一并给出。",
            code="tls_half_stated",
            mend=f"请核对 {PREFIX}TEMPORAL_TLS_CERTIFICATE 和 {PREFIX}TEMPORAL_TLS_KEY。",
        )
    if not (settings.temporal_tls or ca or certificate or settings.temporal_tls_server_name):
        return None
    return TLSConfig(
        server_root_ca_cert=_pem("temporal_tls_ca", ca),
        domain=settings.temporal_tls_server_name,
        client_cert=_pem("temporal_tls_certificate", certificate),
        client_private_key=_pem("temporal_tls_key", key),
    )


def _pem(name: str, file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        content = file.read_bytes()
    except OSError:
        content = b""
    if b"-----BEGIN " not in content:
        setting = PREFIX + name.upper()
        raise SettingsError(
            f"{setting} 所指的文件 {file} 不能读出，或者不是 PEM 格式。",
            code="tls_file_unreadable",
            mend="请核对路径和权限；在容器中须先把它挂载进去（docs/production.md）。",
        )
    return content


def not_trusted(address: str, answer: str) -> TemporalNotTrustedError | None:
    """What the SDK's text says of certificates; None where it says nothing of them.

    It has no kinds of errors but one, and its text is Rust's own.
    """
    found = _CERTIFICATE.search(answer)
    if found is not None:
        why = next((told for word, told in _WORDS.items() if found[1].startswith(word)), "")
        told = f"Temporal（{address}）的证书{why or f'没有通过核对（{found[1]}）'}"
        mend = f"请核对 {PREFIX}TEMPORAL_TLS_CA 和 {PREFIX}TEMPORAL_TLS_SERVER_NAME"
    elif (alert := _ALERT.search(answer)) is not None:
        told = f"Temporal（{address}）没有接受我方的客户端证书（{alert[1]}）"
        mend = f"请核对 {PREFIX}TEMPORAL_TLS_CERTIFICATE 和 {PREFIX}TEMPORAL_TLS_KEY"
    elif "InvalidMessage(" in answer:
        told = f"Temporal（{address}）没有使用 TLS"
        mend = f"请核对 {PREFIX}TEMPORAL_ADDRESS，或者去掉 {PREFIX}TEMPORAL_TLS 各项"
    else:
        return None
    return TemporalNotTrustedError(f"{told}。", f"{mend}。")
