"""Letters: written, addressed, sent once, and what became of each."""
