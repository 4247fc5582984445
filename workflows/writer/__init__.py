"""The one writer: how messages come in, wait, are decided one by one, and are written."""
