"""The outside world: records, intake, letters, verification; imports nothing of ours but the core."""
