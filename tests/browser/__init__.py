"""The console in a real Chromium: by clicks, by keyboard, at two widths, and to axe."""
