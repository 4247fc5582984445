"""The committee's side: acts of a meeting and its result batches, its clocks, what cases are told."""
