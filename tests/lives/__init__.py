"""Random lives: whole applications played by chance against the pure core, and what must hold."""
