"""The release before this one: its workers go on while `migrate` has run, so its statements are kept here.

`sql/` are its statements as they were (`activities/sql/*.sql` of the commit in `RELEASE`), tried on the new
schema by every `make test`. ``python -m tests.previous`` runs that release's own code on it. A release
moves both forward: ``python -m tests.previous --keep COMMIT``.
"""
