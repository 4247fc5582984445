"""What lifecycle and domain say must hold, written a second time and from them, not from the core."""
