"""What each act does to a meeting: one module per part of its life, pure."""
