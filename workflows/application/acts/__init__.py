"""What each act does to a case: one module per part of its life, pure."""
