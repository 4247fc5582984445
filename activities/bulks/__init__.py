"""One act on many cases: prepared and begun, carried on by a worker, read by whoever asked for it."""
