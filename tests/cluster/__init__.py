"""`make cluster`: the services of our compose files as processes, and production's procedures run on them.

Among the tests and not among the workers' stacks, because nobody runs an office by it: it is how we know
that what docs/production.md tells an operator to type works on the engine, the database and the versioned
workers that the files name. It reads those files and nothing of its own says what a service is.
"""
