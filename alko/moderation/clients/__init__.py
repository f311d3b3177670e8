"""The desk that finds a client, and shows of their dossier what a ground opens."""
