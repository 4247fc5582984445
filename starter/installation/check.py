"""Is everything there that an office needs: each line says what is wrong and the command that mends it.

What is asked does not stop at the first no: whoever installs sees all that is missing at once. A part
that cannot be asked, because another is away, is said to be not seen, and is no yes.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetClusterInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.content_keys import ContentKeys, IdentityKeyUnknownError, Wraps
from activities.database import APPLICATION_ROLE, LIVE, Pool, open_pool
from activities.identity import Identity
from activities.installation import is_installed
from activities.letters.smtp import AwayError, Carrier, MailServer
from activities.list_reading import ListReading
from activities.migrations import missing
from activities.papers.seals import SealError, Seals
from activities.reading import Reading
from activities.server_facts import server_facts
from activities.tls import NotTrustedError
from config.deployments import deployment, queue_is_served
from config.gateway.errors import TemporalNotTrustedError, TemporalUnavailableError
from config.secret_files import secrets_of
from config.settings import PREFIX, Settings, SettingsError, secrets_by_file
from config.signing_keys import VouchingError
from config.temporal import connect, connect_config
from workflows.ports import CASES, LETTERS, RECORDS
from workflows.rules.message import local
from workflows.writer.vouchers import Voucher

PATIENCE = timedelta(seconds=5)
RETENTION = timedelta(days=3650)
"""A 复查 or a complaint may ask for a case years later (workers/stack/temporal_server.py)."""
LEAST_SHARDS = 64
SKEW = timedelta(seconds=2)
LEAST_ROOM = 2 << 30
"""Bytes that must be free where papers and uploads are kept."""
EXPIRES_SOON = timedelta(days=60)

ENGINE_POOLS = 4 * (20 + 10)
"""Temporal's own: its four services hold up to 20 and 10 connections to its two databases."""
ROLES, VERSIONS_AT_ONCE = 3, 2
DATABASE_LINES = ("数据库结构", "连接数", "归档", "时钟", "运行人员", "已公布")
"""What is asked of the database beside itself."""
SPARE = 13
"""For the command line, a migration, and what PostgreSQL keeps for its superuser."""


class State(StrEnum):
    """What became of one question."""

    FINE = "fine"
    WRONG = "wrong"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Finding:
    """One line: what was asked, how it stands, and what to do where it is not as it must be."""

    about: str
    state: State
    told: str
    mend: str = ""


def fine(about: str, told: str) -> Finding:
    """As it must be."""
    return Finding(about, State.FINE, told)


def wrong(about: str, told: str, mend: str) -> Finding:
    """Not as it must be, and what mends it."""
    return Finding(about, State.WRONG, told, mend)


def unseen(about: str, told: str) -> Finding:
    """Cannot be asked while another part is away."""
    return Finding(about, State.UNSEEN, told)


async def look() -> AsyncIterator[Finding]:
    """All lines, in the order in which things are installed."""
    try:
        settings, by_file = Settings.load(), secrets_by_file()
    except SettingsError as err:
        anew = "zhiping install keys --to .env，再填写其中空着的各项"
        yield wrong("设置", err.told.rstrip("。"), err.mend.rstrip("。") or anew)
        return
    yield fine("设置", "齐全")
    yield _secrets(settings, by_file)
    yield _keys(settings)
    yield _seals(settings)
    yield _room(settings)
    yield _address(settings)
    async with AsyncExitStack() as stack:
        async for line in _database(settings, stack):
            yield line
        async for line in _engine(settings):
            yield line
    yield await _mail(settings)


def _secrets(settings: Settings, by_file: Mapping[str, Path]) -> Finding:
    """Where each secret is from. Into a file that anybody may write anybody may put a key of his own; who
    may read it is the orchestrator's matter, whose mounts are open to all within a container."""
    about = "密钥来源"
    stated = sorted(name for name in secrets_of(Settings) if getattr(settings, name) is not None)
    files = [f"{PREFIX}{name.upper()}_FILE" for name in stated if name in by_file]
    others = [f"{PREFIX}{name.upper()}" for name in stated if name not in by_file]
    told = f"按文件 {len(files)} 项，按环境变量或设置文件 {len(others)} 项"
    if others:
        told += f"（{'、'.join(others)}）"
    open_to_all = [
        str(by_file[name]) for name in stated if name in by_file and _is_open(by_file[name])
    ]
    if open_to_all:
        return wrong(about, f"人人可写：{'、'.join(open_to_all)}", f"chmod 400 {open_to_all[0]}")
    return fine(about, told)


def _is_open(file: Path) -> bool:
    """Whether anybody may write another key into it."""
    return bool(file.stat().st_mode & stat.S_IWOTH)


def _keys(settings: Settings) -> Finding:
    about = "密钥"
    again = "zhiping install keys 生成一套，或者核对 ZHIPING_VOUCHING_TRUST 与 ZHIPING_VOUCHING_KEY"
    try:
        key, ring = settings.signing_key(), settings.trust_ring()
    except VouchingError:
        return wrong(about, "ZHIPING_VOUCHING_KEY 不是密钥", again)
    if key is None:
        return wrong(about, "没有 ZHIPING_VOUCHING_KEY，所发的消息没有人相信", again)
    known = ring.voucher(key.id, key.private.sign(b"zhiping"), b"zhiping", datetime.now(UTC))
    if known != Voucher.GATEWAY:
        return wrong(about, "网关的私钥不在公钥环中，或者已经失效，命令行和网页办不了事", again)
    if not any(item.voucher is Voucher.WORKERS for item in ring.keys.values()):
        return wrong(about, "公钥环中没有工作进程的公钥", again)
    return fine(about, f"{len(settings.key_ring().keys)} 把加密密钥，担保密钥与公钥环相符")


def _seals(settings: Settings) -> Finding:
    about = "电子印章"
    store, password = settings.seal_store, settings.seal_password
    place = f"{store or 'ZHIPING_SEAL_STORE'}"
    try:
        found = Seals.load(store, password.get_secret_value() if password else None)
    except SealError:
        return wrong(about, f"{place} 中有打不开的印章", "核对 ZHIPING_SEAL_PASSWORD 和 *.p12 文件")
    if not found.keys:
        return wrong(
            about,
            f"{place} 中没有印章，须盖章的文书只能等待",
            "docker compose cp default.p12 console:/seals/，或放入印章所在的卷（docs/papers.md）",
        )
    ends = min(key.certificate.not_valid_after_utc for key in found.keys.values())
    if ends - datetime.now(UTC) < EXPIRES_SOON:
        told = f"有印章的证书 {local(ends):%Y-%m-%d} 到期"
        return wrong(about, told, "向发证机构申请新的证书，换下旧的 *.p12")
    demo = "，其中有演示用的" if any(key.demo for key in found.keys.values()) else ""
    return fine(about, f"{len(found.keys)} 枚{demo}")


def _room(settings: Settings) -> Finding:
    about, place = "文件存放", settings.documents_dir
    if not place.is_dir():
        return wrong(
            about,
            f"没有文件夹 {place}",
            f"建立它，或者用 ZHIPING_DOCUMENTS_DIR 另指一处：mkdir -p {place}",
        )
    try:
        probe = place / ".install-check"
        probe.touch()
        probe.unlink()
    except OSError as err:
        return wrong(about, f"{place} 不能写入（{err.strerror}）", f"chown -R 10001 {place}")
    free = shutil.disk_usage(place).free
    if free < LEAST_ROOM:
        return wrong(about, f"{place} 只剩 {free >> 20} MB", "扩大磁盘，至少留出 2 GB")
    return fine(about, f"{place}，剩余 {free >> 30} GB")


def _address(settings: Settings) -> Finding:
    about, url = "网址", settings.console_url
    if url is None:
        return wrong(about, "没有 ZHIPING_CONSOLE_URL，网页不受理表单", "在 .env 中写明 https://…")
    here = urlsplit(url).hostname in {"localhost", "127.0.0.1"}
    if not settings.console_is_secure and not here:
        return wrong(about, f"{url} 没有加密", "由前面的代理提供 HTTPS，网址写作 https://…")
    return fine(about, url)


async def _database(settings: Settings, stack: AsyncExitStack) -> AsyncIterator[Finding]:
    about = "数据库"
    try:
        pool = await open_pool(settings.database_url.get_secret_value(), 2)
    except NotTrustedError as err:
        yield wrong(about, err.told.rstrip("。"), err.mend.rstrip("。"))
        for rest in DATABASE_LINES:
            yield unseen(rest, "数据库连接不上")
        return
    except Exception as err:  # whatever the driver says, by kind: its text may hold the address
        told = f"连接不上（{type(err).__name__}）"
        yield wrong(
            about, told, "docker compose up -d postgres migrate，并核对 APPLICATION_PASSWORD"
        )
        for rest in DATABASE_LINES:
            yield unseen(rest, "数据库连接不上")
        return
    stack.push_async_callback(pool.close)
    facts = await server_facts(pool)
    if facts.superuser or facts.role != APPLICATION_ROLE:
        told = f"以 {facts.role} 登录：只应以 {APPLICATION_ROLE} 登录，它不能改动已记录的内容"
        yield wrong(about, told, f"把 ZHIPING_DATABASE_URL 的账号改为 {APPLICATION_ROLE}")
    else:
        sealed = "已加密" if facts.encrypted else "未加密"
        yield fine(about, f"PostgreSQL {facts.version}，{sealed}，以 {facts.role} 登录")
    lacking = await missing(settings.database_url.get_secret_value())
    if lacking:
        told = f"缺少 {len(lacking)} 项更新：{lacking[0]} 等"
        yield wrong("数据库结构", told, "docker compose run --rm migrate")
        return
    yield fine("数据库结构", "与程序相符")
    yield _connections(settings, facts.most, facts.used)
    yield _archived(facts.waits_for)
    yield _clock(facts.now)
    async for line in _record(settings, pool):
        yield line


def _connections(settings: Settings, most: int, used: int) -> Finding:
    """Whether everybody's pool fits, also while two versions of the workers run."""
    workers = ROLES * settings.database_pool * VERSIONS_AT_ONCE
    needed = ENGINE_POOLS + workers + settings.console_pool + SPARE
    told = (
        f"最多需要 {needed}（Temporal {ENGINE_POOLS}，两版工作进程 {workers}，网页 {settings.console_pool}，"
        f"备用 {SPARE}），数据库允许 {most}，现用 {used}"
    )
    if needed > most:
        return wrong(
            "连接数", told, f"把 max_connections 设为 {needed} 以上，或减小 ZHIPING_DATABASE_POOL"
        )
    return fine("连接数", told)


def _archived(waits_for: str) -> Finding:
    """Whether what is acknowledged is on a second disk, so that none of it is lost with the first."""
    about = "归档"
    if not waits_for:
        return wrong(
            about,
            "提交不等归档，磁盘损坏时会丢失刚答复的事项",
            "docker compose up -d archive（docs/operations.md）",
        )
    return fine(about, f"提交等待 {waits_for} 收到")


def _clock(theirs: datetime) -> Finding:
    apart = abs(datetime.now(UTC) - theirs)
    told = f"与数据库相差 {apart.total_seconds():.1f} 秒"
    if apart > SKEW:
        return wrong("时钟", told, "各台机器启用时间同步：timedatectl set-ntp true")
    return fine("时钟", told)


def _identity(found: Sequence[Wraps], active: str, given: int) -> Finding:
    """Whether the record's keys lie under the identity key that the settings have, and under no other."""
    about = "身份密钥"
    behind = sum(active not in item.under for item in found)
    others = sorted({name for item in found for name in item.under} - {active})
    told = f"现用 {active}，内容密钥 {len(found)} 把"
    if behind:
        return wrong(about, f"{told}，其中 {behind} 把还在旧密钥之下", "zhiping keys rotate --as …")
    if others:
        return wrong(
            about, f"{told}，旧密钥 {'、'.join(others)} 仍能读出", "zhiping keys finish --as …"
        )
    if given > 1:
        return wrong(
            about, f"{told}，旧密钥已不再需要", "从 ZHIPING_IDENTITY_KEY 中去掉第一把以外的"
        )
    return fine(about, told)


async def _record(settings: Settings, pool: Pool) -> AsyncIterator[Finding]:
    if not await is_installed(pool):
        yield wrong("运行人员", "还没有登记", "zhiping install operators 文件（至少两人）")
    else:
        yield fine("运行人员", "已登记")
    identity, keys = Identity(None), ContentKeys(pool, settings.identity_keys())
    try:
        await keys.learn(identity)
    except IdentityKeyUnknownError as err:
        yield wrong("身份密钥", err.told.rstrip("。"), err.mend.rstrip("。"))
        return
    yield _identity(await keys.all(), keys.active, len(settings.identity_keys()))
    reading, lists = Reading(pool, identity), ListReading(pool, identity)
    calendar = await reading.calendar(realm=LIVE)
    campaigns = await reading.campaigns(LIVE)
    publish = "zhiping install publish --help"
    year = local(datetime.now(UTC)).year
    if calendar is None:
        yield wrong("工作日历", "还没有载入", publish)
    elif year not in calendar.years:
        yield wrong(
            "工作日历", f"没有 {year} 年", f"zhiping calendar load config/calendars/{year}.toml"
        )
    else:
        yield fine("工作日历", f"{min(calendar.years)} 至 {max(calendar.years)} 年")
    if len(await lists.organisations(limit=2)) < 2:  # noqa: PLR2004 - operations' own body is one
        yield wrong("名录", "还没有导入", publish)
    else:
        yield fine("名录", "已导入")
    if not campaigns:
        yield wrong("通知", "还没有公布", publish)
    else:
        yield fine("通知", "、".join(view.campaign for view in campaigns))


async def _engine(settings: Settings) -> AsyncIterator[Finding]:
    about = "Temporal"
    rest = ("命名空间", "历史分片", "现行版本", "工作进程")
    try:
        config = connect_config(settings)
        client = await connect(settings, patience=PATIENCE)
    except (SettingsError, TemporalNotTrustedError) as err:
        yield wrong(about, err.told.rstrip("。"), err.mend.rstrip("。"))
        for item in rest:
            yield unseen(item, "Temporal 连接不上")
        return
    except TemporalUnavailableError as err:
        yield wrong(
            about, str(err), "docker compose up -d temporal，并核对 ZHIPING_TEMPORAL_ADDRESS"
        )
        for item in rest:
            yield unseen(item, "Temporal 连接不上")
        return
    address = config.get("target_host", "localhost:7233")
    yield fine(about, f"{address}，{'已加密' if config.get('tls') else '未加密'}")
    asked: tuple[tuple[str, Callable[[], Awaitable[Finding]]], ...] = (
        ("命名空间", lambda: _namespace(client)),
        ("历史分片", lambda: _shards(client)),
        ("现行版本", lambda: _current(client, settings)),
        ("工作进程", lambda: _queues(client, settings)),
    )
    for item, ask in asked:
        try:
            yield await ask()
        except RPCError as err:
            yield wrong(
                item,
                f"没有答复（{err.status.name}）",
                "docker compose logs temporal temporal-history",
            )


async def _namespace(client: Client) -> Finding:
    about, name = "命名空间", client.namespace
    make = f"temporal operator namespace create -n {name} --retention {RETENTION.days}d"
    try:
        answer = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=name)
        )
    except RPCError as err:
        if err.status is RPCStatusCode.NOT_FOUND:
            return wrong(
                about, f"没有命名空间 {name}", f"docker compose run --rm namespace，即 {make}"
            )
        raise
    kept = answer.config.workflow_execution_retention_ttl.ToTimedelta()
    if kept < RETENTION:
        longer = f"temporal operator namespace update -n {name} --retention {RETENTION.days}d"
        return wrong(about, f"{name} 只保留 {kept.days} 天，复查和投诉可能多年后提出", longer)
    return fine(about, f"{name}，保留 {kept.days} 天")


async def _shards(client: Client) -> Finding:
    answer = await client.workflow_service.get_cluster_info(GetClusterInfoRequest())
    shards = answer.history_shard_count
    if shards < LEAST_SHARDS:
        told = f"只有 {shards} 个，首次启动后不能再改"
        return wrong(
            "历史分片", told, "清空 Temporal 的两个数据库，设 NUM_HISTORY_SHARDS=512 后重新启动"
        )
    return fine("历史分片", f"{shards} 个，Temporal {answer.server_version}")


async def _current(client: Client, settings: Settings) -> Finding:
    about = "现行版本"
    if settings.build_id is None:
        return wrong(
            about,
            "没有 ZHIPING_BUILD_ID，工作进程不分版本",
            "在 .env 中写明 BUILD_ID（git 提交号）",
        )
    known = await deployment(client, settings.deployment_name)
    if not known.current:
        return wrong(about, "没有现行版本，不会办理任何事项", "zhiping deploy first")
    return fine(about, known.current)


async def _queues(client: Client, settings: Settings) -> Finding:
    about = "工作进程"
    if settings.build_id is None:
        return unseen(about, "工作进程不分版本")
    idle = [
        queue for queue in (CASES, RECORDS, LETTERS) if not await queue_is_served(client, queue)
    ]
    start = f"docker compose -p zhiping-{settings.build_id} -f docker-compose.workers.yml up -d"
    if idle:
        return wrong(about, f"{'、'.join(idle)} 没有工作进程办理", start)
    return fine(about, "三种角色都有现行版本的工作进程")


async def _mail(settings: Settings) -> Finding:
    about, place = "邮件", f"{settings.smtp_host}:{settings.smtp_port}"
    password = settings.smtp_password
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_sender,
        user=settings.smtp_user,
        password=password.get_secret_value() if password else None,
        tls=settings.smtp_tls,
        ca=settings.smtp_ca,
    )
    carrier = Carrier(server)
    try:
        await carrier.open()
    except NotTrustedError as err:
        return wrong(about, err.told.rstrip("。"), err.mend.rstrip("。"))
    except AwayError:
        mend = "核对 ZHIPING_SMTP_HOST、ZHIPING_SMTP_PORT、ZHIPING_SMTP_USER、ZHIPING_SMTP_PASSWORD"
        return wrong(about, f"邮件服务器 {place} 不接受连接或登录", mend)
    finally:
        await carrier.close()
    sealed = "未加密" if settings.smtp_tls == "none" else "已加密"
    return fine(about, f"{place}，{sealed}，发件人 {settings.smtp_sender}")
