"""The outside world: records, intake, notices, verification; imports nothing of ours but the core."""
