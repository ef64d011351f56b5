"""A run of the newsletter in a process of its own: `python -m tests.year '{"folder": ..., "day": ..., "now": ...}'`."""

import json
import os
import sys

from tests.year.habit import main

if __name__ == "__main__":
    main(json.loads(sys.argv[1]), os.environ)
