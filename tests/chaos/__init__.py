"""A season under random deaths: what was acknowledged is there once, and everybody ends as planned."""
