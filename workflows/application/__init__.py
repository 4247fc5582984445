"""One application: its state, acts, clocks and its workflow."""
