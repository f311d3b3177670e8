"""The one door to personal data: who may open what, on which ground, and how it is shown."""
