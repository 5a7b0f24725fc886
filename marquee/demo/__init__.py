"""The demo: real films in invented cinemas, partly sold, so that a newcomer finds a full house."""
