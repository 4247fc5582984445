"""The edges: what comes in from people, files and mail servers, and what goes out to a screen."""
