"""The batching client beside its peers: the same papers, the same server, one table."""
