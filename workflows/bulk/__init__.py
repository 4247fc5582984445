"""One act on many cases: what crosses Temporal of it, and the workflow that carries it on."""
