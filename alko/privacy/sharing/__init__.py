"""Who outside ALKO gets personal data, and what they are told when it changes."""
