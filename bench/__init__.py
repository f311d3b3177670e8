"""Ratios measured side by side in one run, against the bare minimum that could do the same job."""
