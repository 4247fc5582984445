"""`zhiping install`: what an office does once, before the first case, and how it sees that all is there."""
