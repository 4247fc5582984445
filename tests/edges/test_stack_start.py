"""The embedded stack started where a person's machine is not as ours: a clear word, or it runs."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from config.settings import Settings, SettingsError
from config.stack_state import LOCK_FILE, STATE_FILE, stage_of
from starter.cli import zhiping
from workers.stack.folder import StackFolder
from workers.stack.options import PARTS, reserved_ports
from workers.stack.postgres import application_url
from workers.stack.refusals import StackRefusedError

ROOT = Path(__file__).resolve().parents[2]
ODD = {
    "HOME": "/nonexistent", "TZ": "America/New_York", "LANG": "C", "LC_ALL": "C",
    "PGSSLMODE": "require", "PGHOST": "example.test", "PGPORT": "1", "PGDATA": "/nonexistent",
    "PGPASSWORD": "y", "PGOPTIONS": "-c search_path=nope",
    "TEMPORAL_ADDRESS": "example.test:1", "TEMPORAL_NAMESPACE": "nope", "TEMPORAL_TLS": "true",
    "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
}  # fmt: skip
"""What people have in their environment for other programs."""


def called(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The program itself: exit code, and what it said."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "starter.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done.returncode, done.stdout + done.stderr


@contextmanager
def supervised(folder: Path, stage: str) -> Iterator[None]:
    """A folder whose lock somebody holds, as a living supervisor does."""
    folder.mkdir(exist_ok=True)
    (folder / STATE_FILE).write_text(json.dumps({"stage": stage}))
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("said", ["", "{", "[]", "null", '{"stage": 7}', '{"stage": "ready"}'])
def test_what_a_dead_supervisor_left_is_not_believed(tmp_path: Path, said: str) -> None:
    """`stack up` after a crash read "ready" of the one before and came back at once."""
    (tmp_path / STATE_FILE).write_text(said)
    (tmp_path / LOCK_FILE).touch()
    assert stage_of(tmp_path) in ("stopped", "killed")


def test_a_folder_that_is_not_there_is_stopped_and_stays_away(tmp_path: Path) -> None:
    assert stage_of(tmp_path / "none") == "stopped"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("call", [["cases"], ["show", "abcdef"], ["clock", "show", "--realm", "x"]])
def test_a_stack_that_is_not_warm_yet_is_called_so(tmp_path: Path, call: list[str]) -> None:
    with supervised(tmp_path, "starting"):
        result = CliRunner().invoke(zhiping, ["--folder", str(tmp_path), *call])
    assert result.exit_code == 5
    assert "正在启动" in result.output


def test_a_stack_left_by_a_crash_is_called_so(tmp_path: Path) -> None:
    with supervised(tmp_path, "ready"):
        pass
    result = CliRunner().invoke(zhiping, ["--folder", str(tmp_path), "cases"])
    assert result.exit_code == 5
    assert "强行结束" in result.output
    assert "stack up" in result.output


def test_without_any_stack_it_is_said_where_one_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight names of settings told nobody that nothing had been started."""
    monkeypatch.chdir(tmp_path)
    for name in ("ZHIPING_STACK", "ZHIPING_CONFIG", "ZHIPING_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="没有运行的内置环境") as none:
        Settings.load()
    assert str(tmp_path) in str(none.value)
    monkeypatch.setenv("ZHIPING_STACK", str(tmp_path / "other"))
    with pytest.raises(SettingsError, match="没有运行的内置环境") as other:
        Settings.load()
    assert str(tmp_path / "other") in str(other.value)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (["--port", "temporal=99999"], "65535"),
        (["--port", "temporal=0"], "65535"),
        (["--port", "temporal=²"], "部件=端口"),
        (["--port", "lunch=1"], "部件=端口"),
        (["--port", "smtp=7777", "--port", "ui=7777"], "各部件不同"),
        (["--set", "nope=1"], "nope=1"),
        (["--set", "settle_seconds"], "设置=值"),
    ],
)
def test_a_wrong_choice_is_a_wrong_call_and_starts_nothing(
    tmp_path: Path, given: list[str], word: str
) -> None:
    code, said = called("stack", "up", "--folder", str(tmp_path / "s"), *given)
    assert code == 2
    assert word in said
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("way", [[], ["--detach"]])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, way: list[str]) -> None:
    (tmp_path / "file").touch()
    code, said = called("stack", "up", "--folder", str(tmp_path / "file" / "s"), *way)
    assert code == 5
    assert "file" in said


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%41b"])
def test_a_name_that_the_engine_takes_for_a_uri_is_refused(tmp_path: Path, name: str) -> None:
    """The engine's data were written beside the folder, under the name up to the #."""
    code, said = called("stack", "up", "--folder", str(tmp_path / name))
    assert code == 3
    assert "文件夹名称中不能有" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["up", "down", "status"])
@pytest.mark.parametrize("folder", ["", " "])
def test_a_blank_folder_is_not_the_working_directory(command: str, folder: str) -> None:
    result = CliRunner().invoke(zhiping, ["stack", command, "--folder", folder])
    assert result.exit_code == 2


@pytest.mark.parametrize("kept", ["", "ZHIPING_IDENTITY_KEY=x\n", "\x00\x01"])
def test_keys_that_were_cut_are_told_and_not_made_anew(tmp_path: Path, kept: str) -> None:
    place = StackFolder.at(tmp_path)
    place.keys_file.write_text(kept)
    with pytest.raises(StackRefusedError) as refused:
        place.keys()
    assert refused.value.code == "keys_missing"
    assert place.keys_file.read_text() == kept


def test_looking_at_a_folder_does_not_keep_its_stack_from_starting(tmp_path: Path) -> None:
    place = StackFolder.at(tmp_path)
    place.prepare()
    descriptor = os.open(place.lock_file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_SH)

    async def goes_on() -> None:
        await asyncio.sleep(0.1)
        os.close(descriptor)

    async def both() -> None:
        looking = asyncio.create_task(goes_on())
        held = place.locked()
        await asyncio.to_thread(held.__enter__)
        assert stage_of(tmp_path) == "starting"
        held.__exit__(None, None, None)
        await looking

    asyncio.run(both())


def test_a_port_is_one_that_no_outgoing_connection_takes() -> None:
    """Beside others who were busy, a port was gone between the choice and the part's start."""
    with ExitStack() as starts:
        starting = [starts.enter_context(reserved_ports({}, {})) for _ in range(20)]
        ports = [port for chosen in starting for port in chosen.values()]

        assert all(set(chosen) == set(PARTS) for chosen in starting)
        assert len(set(ports)) == len(ports)
        assert max(ports) < 32768


def test_a_port_is_a_parts_own_until_it_listens() -> None:
    """Parts start one after another: another stack took the number that the last one waited for."""
    with reserved_ports({}, {}) as chosen:
        port = chosen["console"]
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
        for _start in range(2):  # and after a restart
            with socket.create_server(("127.0.0.1", port)) as part:
                with socket.create_connection(("127.0.0.1", port)), part.accept()[0]:
                    pass
                with pytest.raises(StackRefusedError), reserved_ports({"console": port}, {}):
                    pass
    with reserved_ports({}, chosen) as again:
        assert again == chosen


def test_a_persons_demands_on_other_servers_are_not_made_of_ours() -> None:
    assert application_url(1, "p").endswith("sslmode=disable")


@pytest.mark.integration
def test_a_stack_in_an_odd_environment_starts_again_after_a_crash_and_a_move(
    tmp_path: Path,
) -> None:
    """One story: started among foreign settings, killed, moved, started by the same word."""
    before, after = tmp_path / "我的 文件夹'$x", tmp_path / "搬走的"
    up = ("stack", "up", "--detach", "--no-workers", "--no-interface", "--no-console", "--folder")
    code, said = called(*up, str(before), env=ODD)
    assert code == 0, said
    try:
        assert "已就绪" in said
        assert "Ctrl-C" not in said
        assert [item.name for item in tmp_path.iterdir()] == [before.name]
        again, why = called(*up, str(before), env=ODD)
        assert again == 3
        assert "已在运行" in why
        assert called("--folder", str(before), "cases", env=ODD)[0] == 0
        state = json.loads((before / STATE_FILE).read_text())
        left = [psutil.Process(pid) for pid in state["children"].values() if pid]
        os.kill(state["pid"], signal.SIGKILL)
        psutil.wait_procs(left, timeout=60)
        code, said = called("--folder", str(before), "cases", env=ODD)
        assert code == 5
        assert "强行结束" in said
        before.rename(after)
        code, said = called(*up, str(after), env=ODD)
        assert code == 0, said
        assert str(after) in said
        assert called("--folder", str(after), "cases", env=ODD)[0] == 0
    finally:
        for folder in (before, after):
            if folder.exists():
                called("stack", "down", "--folder", str(folder))
