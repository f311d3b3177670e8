"""The next version of the privacy policy: written, compared, published, told."""
