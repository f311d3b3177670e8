"""The desk that checks papers: taken, seen beside what they must match, accepted or rejected."""
