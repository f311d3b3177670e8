"""The WSGI entry point."""

from alko import create_app

app = create_app()
