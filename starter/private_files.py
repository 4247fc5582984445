"""Files a command writes for whoever calls it, and for nobody else on the machine."""

from __future__ import annotations

import errno
import os
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def private_opener(path: str, flags: int) -> int:
    """For `open`: a new file is its owner's alone."""
    return os.open(path, flags, PRIVATE_FILE)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, also where one was there. Raises `OSError`."""
    with open(path, "wb", opener=private_opener) as file:
        os.fchmod(file.fileno(), PRIVATE_FILE)
        file.write(content)


def is_file(path: Path) -> bool:
    """Whether there is such a file; what is no name for one is none."""
    try:
        return path.is_file()
    except OSError:  # longer than any name
        return False


def why_zh(err: OSError) -> str:
    """What a file system says, for a person."""
    return _WHY.get(err.errno or 0, err.strerror or "读写出错")


_WHY = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只读",
    errno.ENOENT: "没有这个文件或者文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENAMETOOLONG: "名称过长",
    errno.EIO: "磁盘出错",
    errno.EMFILE: "打开的文件过多",
}
