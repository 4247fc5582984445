"""The round that proves that record and engine agree: what crosses Temporal of it, and its workflow."""
