"""The embedded stack: Temporal, PostgreSQL, a mail sink, data-sharing gateways, and the workers.

One folder holds all of it, and nothing outside the folder changes, file modes included. It may be
stopped, killed and started again at any moment.
"""

from workers.stack.control import StackStatus, down, status, up
from workers.stack.options import StackOptions
from workers.stack.refusals import StackFailedError, StackRefusedError
from workers.stack.supervisor import RunningStack, running

__all__ = [
    "RunningStack",
    "StackFailedError",
    "StackOptions",
    "StackRefusedError",
    "StackStatus",
    "down",
    "running",
    "status",
    "up",
]
