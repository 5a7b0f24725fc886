"""The demo: real movies in invented cinemas, with some seats sold."""
