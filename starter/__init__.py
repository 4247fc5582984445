"""What a person starts: the command line, rehearsals and their console."""
