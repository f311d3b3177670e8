"""Signing in and out, and joining by an invitation."""
