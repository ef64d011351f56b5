"""`python -m tests.serving --port 0 --weather '{"latency": 0.2}'`."""

from tests.serving.server import main

main()
