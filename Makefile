# Two commands matter: `make run` and `make test`. Both set up what they need on first use.
