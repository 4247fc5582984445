"""`zhiping deploy`: a new version of the workers beside the old one, until nothing is left on that."""
