"""What a step of a meeting changes in the rows of its candidates, in the step's own transaction."""
