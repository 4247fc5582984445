"""What is no act on a case or a meeting."""
