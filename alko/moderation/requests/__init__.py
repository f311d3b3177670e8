"""The desk for requests under the six rights: the queue, and what can be done with each."""
