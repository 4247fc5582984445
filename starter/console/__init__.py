"""The console: where reviewers and offices do their work, in a browser, without script.

It stands on `starter/desk/` as the command line does, and neither knows the other. A page is a row of
`routes.PAGES`; its handler gets a `Visit`: who asks, in which office, and how to answer.
"""
