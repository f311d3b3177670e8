"""The WSGI entry point."""

import sys

from alko import create_app
from config import ConfigurationError

NOT_STARTED = 3
"""The exit code on which gunicorn gives up instead of starting the next worker."""

try:
    app = create_app()
except ConfigurationError as problem:
    sys.stderr.write(f"Error: {problem}\n")
    sys.exit(NOT_STARTED)
