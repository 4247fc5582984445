"""Record and run do not have the same steps: what was written counts.

A step is written within the workflow task that decided it. Where that task is lost after its write
(a worker killed between the two, a run that could not end because a signal came in), or the engine was
restored from an older backup, the engine gives it again, at another time and perhaps with another message
first: it decides anew, and finds its number taken. Nothing is wrong then: the subject is taken up from the
record, and what is at hand is decided after it.

The other way about the record was restored to an earlier point than the engine: what the run did after it
is nowhere. That is a person's to decide: the subject stands still, and where the steps are still missing
when operations say `resume`, it goes on from the record as it is.
"""

from __future__ import annotations


class RecordCountsError(Exception):
    """Raised in place of writing: the subject is taken up from the record."""


class RecordAheadError(RecordCountsError):
    """Another step stands under this number."""


class DoesNotFollowError(RecordCountsError):
    """A step of this run does not follow its last one, and operations had it go on all the same."""
