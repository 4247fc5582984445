"""TLS to the engine, the database and the mail server: real handshakes, believed and refused."""

from __future__ import annotations

import asyncio
import shutil
import socket
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.database import open_pool
from activities.letters.smtp import AwayError, MailServer, NotTrustedError, Sender
from activities.migrations import missing
from activities.server_facts import server_facts
from activities.tls import NotTrustedError as DatabaseNotTrustedError
from config.gateway.errors import TemporalNotTrustedError
from config.keys import new_key
from config.settings import Settings, SettingsError
from config.temporal import connect
from starter.desk.translating import translated
from tests.integration.postboxes import Postbox, Server
from tests.tls import Authority, Pair, as_postgres, server_context, tls_gate
from tests.vouching import TRUST

pytestmark = pytest.mark.integration
HERE = "127.0.0.1"


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def others(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "others")


def settings(**stated: object) -> Settings:
    key = new_key()
    return Settings.model_validate(
        {
            "database_url": "postgresql://nobody@localhost/zhiping",
            "codec_keys": f"k1:{key}",
            "identity_key": key,
            "vouching_trust": TRUST,
            "smtp_host": HERE,
            "smtp_sender": "zhiping@example.test",
            "verification_url": "http://gateway",
            "documents_dir": "documents",
            **stated,
        }
    )


# The engine


async def asked(settings: Settings) -> None:
    """Connect and ask something: a client certificate is only looked at once something is said."""
    client = await connect(settings, patience=timedelta(seconds=1))
    assert await client.service_client.check_health()


def engine_behind(environment: WorkflowEnvironment) -> tuple[str, int]:
    host, _, port = environment.client.service_client.config.target_host.rpartition(":")
    return host, int(port)


async def test_the_engine_is_believed_by_its_root_and_sees_our_own_certificate(
    engine: WorkflowEnvironment, ours: Authority
) -> None:
    context = server_context(ours.pair(HERE), clients=ours.root)
    own = ours.pair("zhiping")
    async with tls_gate(context, *engine_behind(engine)) as port:
        await asked(
            settings(
                temporal_address=f"{HERE}:{port}",
                temporal_tls_ca=ours.root,
                temporal_tls_certificate=own.certificate,
                temporal_tls_key=own.key,
            )
        )


async def test_a_certificate_of_another_name_is_believed_where_the_name_is_said(
    engine: WorkflowEnvironment, ours: Authority
) -> None:
    context = server_context(ours.pair("temporal.example.test"))
    async with tls_gate(context, *engine_behind(engine)) as port:
        stated = {"temporal_address": f"{HERE}:{port}", "temporal_tls_ca": ours.root}
        with pytest.raises(TemporalNotTrustedError, match="名称或地址"):
            await asked(settings(**stated))
        await asked(settings(**stated, temporal_tls_server_name="temporal.example.test"))


@pytest.mark.parametrize(
    ("shown", "believed", "why"),
    [
        ("others", {}, "不是由所信任的机构签发"),
        ("ours", {"temporal_tls_ca": None, "temporal_tls": True}, "不是由所信任的机构签发"),
        ("ended", {}, "已经过期"),
    ],
)
async def test_an_engine_that_is_not_believed_is_refused_at_once_and_in_words(
    shown: str,
    believed: dict[str, object],
    why: str,
    engine: WorkflowEnvironment,
    ours: Authority,
    others: Authority,
) -> None:
    pairs = {
        "ours": ours.pair(HERE),
        "others": others.pair(HERE),
        "ended": ours.pair(HERE, ended=True),
    }
    async with tls_gate(server_context(pairs[shown]), *engine_behind(engine)) as port:
        stated = {"temporal_address": f"{HERE}:{port}", "temporal_tls_ca": ours.root, **believed}
        with pytest.raises(TemporalNotTrustedError, match=why) as refused:
            # Nobody asks again for two minutes what no asking mends.
            await asyncio.wait_for(connect(settings(**stated), patience=timedelta(minutes=2)), 60)

    [reason] = translated(refused.value).reasons
    assert reason.code == "temporal_not_trusted"
    assert "ZHIPING_TEMPORAL_TLS_CA" in (reason.next or "")


async def test_an_engine_without_tls_is_said_to_have_none(
    engine: WorkflowEnvironment, ours: Authority
) -> None:
    host, port = engine_behind(engine)

    with pytest.raises(TemporalNotTrustedError, match="没有使用 TLS"):
        await asked(settings(temporal_address=f"{host}:{port}", temporal_tls_ca=ours.root))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="its server tells why it refuses")
async def test_an_engine_that_does_not_believe_us_is_said_to(
    ours: Authority, others: Authority, unused_port: int
) -> None:
    shown, own = ours.pair(HERE), others.pair("zhiping")
    # asyncio's own server closes without a word.
    words = [
        "s_server",
        "-accept",
        f"{HERE}:{unused_port}",
        "-quiet",
        "-alpn",
        "h2",
        "-Verify",
        "1",
    ]
    words += ["-verify_return_error", "-cert", str(shown.certificate), "-key", str(shown.key)]
    server = await asyncio.create_subprocess_exec(
        *("openssl", *words, "-CAfile", str(ours.root)), stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        await listening(unused_port)
        with pytest.raises(TemporalNotTrustedError, match="没有接受我方的客户端证书"):
            await asked(
                settings(
                    temporal_address=f"{HERE}:{unused_port}",
                    temporal_tls_ca=ours.root,
                    temporal_tls_certificate=own.certificate,
                    temporal_tls_key=own.key,
                )
            )
    finally:
        server.terminate()
        await server.wait()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as asked:
        asked.bind((HERE, 0))
        port: int = asked.getsockname()[1]
        return port


async def listening(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection(HERE, port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(port)


async def test_what_is_half_stated_or_no_certificate_is_named(
    ours: Authority, tmp_path: Path
) -> None:
    own = ours.pair("zhiping")
    (tmp_path / "empty.pem").touch()
    wrong = [
        ({"temporal_tls_certificate": own.certificate}, "tls_half_stated"),
        ({"temporal_tls_key": own.key}, "tls_half_stated"),
        ({"temporal_tls_ca": tmp_path / "absent.pem"}, "tls_file_unreadable"),
        ({"temporal_tls_ca": tmp_path / "empty.pem"}, "tls_file_unreadable"),
    ]
    for stated, code in wrong:
        with pytest.raises(SettingsError) as refused:
            await connect(settings(temporal_address="127.0.0.1:1", **stated))
        assert refused.value.code == code
        assert "ZHIPING_TEMPORAL_TLS_" in str(refused.value)


# The database


def by_tls(url: str, port: int, **parameters: object) -> str:
    """The same database through the gate."""
    found = urlsplit(url)
    login = found.netloc.rpartition("@")[0]
    query = "&".join(f"{key}={value}" for key, value in parameters.items())
    return found._replace(netloc=f"{login}@{HERE}:{port}", query=query).geturl()


@asynccontextmanager
async def database_gate(url: str, pair: Pair) -> AsyncIterator[int]:
    found = urlsplit(url)
    assert found.hostname
    assert found.port
    context = server_context(pair)
    async with tls_gate(context, found.hostname, found.port, greeting=as_postgres) as port:
        yield port


async def test_the_database_is_believed_by_its_root(postgres: str, ours: Authority) -> None:
    async with database_gate(postgres, ours.pair(HERE)) as port:
        url = by_tls(postgres, port, sslmode="verify-full", sslrootcert=ours.root)
        async with await open_pool(url, 1) as pool:
            assert (await server_facts(pool)).superuser


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ("others", "不是由所信任的机构签发"),
        ("elsewhere", "名称或地址"),
        ("ended", "已经过期"),
    ],
)
async def test_a_database_that_is_not_believed_is_refused_in_words(
    shown: str, why: str, postgres: str, ours: Authority, others: Authority
) -> None:
    pairs = {
        "others": others.pair(HERE),
        "elsewhere": ours.pair("elsewhere.test"),
        "ended": ours.pair(HERE, ended=True),
    }
    async with database_gate(postgres, pairs[shown]) as port:
        url = by_tls(postgres, port, sslmode="verify-full", sslrootcert=ours.root)
        with pytest.raises(DatabaseNotTrustedError, match=why) as refused:
            await open_pool(url, 1)
        with pytest.raises(DatabaseNotTrustedError, match=why):
            await missing(url)

    [reason] = translated(refused.value).reasons
    assert reason.code == "database_not_trusted"
    assert "sslrootcert" in (reason.next or "")


async def test_a_root_of_the_database_that_is_not_there_is_named(
    postgres: str, ours: Authority, tmp_path: Path
) -> None:
    async with database_gate(postgres, ours.pair(HERE)) as port:
        url = by_tls(postgres, port, sslmode="verify-full", sslrootcert=tmp_path / "absent.pem")
        with pytest.raises(DatabaseNotTrustedError, match="sslrootcert 所指的文件"):
            await open_pool(url, 1)


# The mail server


@asynccontextmanager
async def mail_server(
    postbox: Postbox, pair: Pair, tls: str, root: Path | None
) -> AsyncIterator[MailServer]:
    context = server_context(pair)
    loop = asyncio.get_running_loop()

    def session() -> Server:
        if tls == "implicit":
            return Server(postbox, hostname="sink")
        return Server(postbox, hostname="sink", tls_context=context, require_starttls=True)

    server = await loop.create_server(session, HERE, 0, ssl=context if tls == "implicit" else None)
    try:
        yield MailServer(
            host=HERE, port=server.sockets[0].getsockname()[1], tls=tls, ca=root, timeout=5
        )
    finally:
        server.close()


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_letter_goes_out_encrypted(tls: str, ours: Authority) -> None:
    postbox = Postbox()
    async with mail_server(postbox, ours.pair(HERE), tls, ours.root) as server:
        carrier = Sender(server).carrier()
        await carrier.send(b"Subject: x\r\n\r\nbody\r\n", ["zhang@example.test"])
        await carrier.close()

    assert len(postbox.mails) == 1


@pytest.mark.parametrize(("shown", "why"), [("others", "机构签发"), ("ended", "已经过期")])
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_mail_server_that_is_not_believed_gets_no_letter_and_no_password(
    tls: str, shown: str, why: str, ours: Authority, others: Authority
) -> None:
    """It is away for every letter, and the record and the log say why in words."""
    pair = others.pair(HERE) if shown == "others" else ours.pair(HERE, ended=True)
    postbox = Postbox()
    async with mail_server(postbox, pair, tls, ours.root) as server:
        with pytest.raises(NotTrustedError, match=why) as refused:
            await Sender(server).carrier().open()

    assert isinstance(refused.value, AwayError)
    assert refused.value.code == "mail_not_trusted"
    assert "ZHIPING_SMTP_CA" in refused.value.mend
    assert postbox.mails == []


async def test_a_root_that_is_not_there_is_named(ours: Authority, tmp_path: Path) -> None:
    async with mail_server(Postbox(), ours.pair(HERE), "starttls", tmp_path / "absent") as server:
        with pytest.raises(NotTrustedError, match="不能读出"):
            await Sender(server).carrier().open()


async def test_a_server_that_offers_no_tls_gets_nothing(server: MailServer) -> None:
    """Whoever sits between takes the offer away; then nothing is said in the clear."""
    asked = MailServer(host=server.host, port=server.port, tls="starttls", timeout=5)

    with pytest.raises(AwayError):
        await Sender(asked).carrier().open()
