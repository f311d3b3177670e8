"""The first desk: what is one's own, and what is due."""
