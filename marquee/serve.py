"""The command `python -m marquee.serve`. Its code is in `marquee/server/serve.py`."""

from marquee import env

with env.exit_with_sentence():
    from marquee.server.serve import main

if __name__ == "__main__":
    main()
