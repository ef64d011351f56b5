"""arXiv, through its announcement feeds, its OAI-PMH interface and its search: one source, one calendar."""
