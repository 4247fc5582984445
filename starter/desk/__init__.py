"""What every face of the office stands on: the command line, the console, later the API.

It says what is so and what was refused, as plain data: no terminal, no web server, no page.
"""
