"""Become the program named on the command line: its own session, dying with the parent, never root.

Run as a script with the standard library alone (``python -I -S launch.py PARENT UID GID PROGRAM…``),
because between fork and exec of a threaded parent nothing may run safely, and because a fresh
interpreter without site packages starts in about 15 ms.

Why this file exists at all: PostgreSQL refuses to run as root. The usual answer (a system user, and
opening every folder on the way to the data and to the binaries) changes ``/etc/passwd`` and file
modes outside the stack's folder, a private HOME among them. Here the process takes an existing
unprivileged uid and keeps exactly one right, to pass closed folders (``CAP_DAC_OVERRIDE``), so that
nothing outside the folder changes.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_SECUREBITS, PR_CAP_AMBIENT = 1, 8, 28, 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def die_with_parent(libc: ctypes.CDLL, parent: int) -> None:
    """Ask the kernel to interrupt this process when ``parent`` dies, even by ``kill -9``.

    SIGINT, because it is the orderly and prompt stop of all children: a "fast shutdown" for
    PostgreSQL, a normal stop for the Temporal server and the worker.
    """
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked: the signal will never come
        sys.exit(1)


def leave_root(libc: ctypes.CDLL, uid: int, gid: int) -> None:
    """Become ``uid``; keep the right to pass closed folders if root had it (containers may not)."""
    # access(2), which initdb asks with, ignores a kept right of a non-root user without this bit.
    libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    mask = 1 << CAP_DAC_OVERRIDE
    data = (_Data * 2)(_Data(mask, mask, mask), _Data(0, 0, 0))
    if libc.capset(ctypes.byref(_Header(CAPABILITY_VERSION_3, 0)), data) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def main(arguments: list[str]) -> None:
    """Apply the above and exec. ``UID`` and ``GID`` of -1 mean: stay who you are."""
    parent, uid, gid, *command = arguments
    os.umask(0o077)  # whatever it writes is for its own user alone
    os.setsid()  # Ctrl-C goes to the supervisor, which stops its children in order
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if int(uid) >= 0:
            leave_root(libc, int(uid), int(gid))
        die_with_parent(libc, int(parent))  # after leave_root: changing the uid clears it
    elif int(uid) >= 0:
        os.setgid(int(gid))
        os.setuid(int(uid))
    os.execv(command[0], command)  # noqa: S606 - the whole point; no shell is involved


if __name__ == "__main__":
    main(sys.argv[1:])
