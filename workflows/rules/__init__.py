"""Pure rules and models of the law: no I/O, no clock, no settings."""
