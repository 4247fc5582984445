"""Settings, logging, the connection to Temporal, and the data an office changes."""
