"""The deterministic core: workflow types, the action catalogue, messages, ports and pure rules."""
