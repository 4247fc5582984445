"""The console as a browser meets it, on a real PostgreSQL."""
