"""What runs Marquee: the WSGI application, its middleware, its tuning, and the command that serves it."""
