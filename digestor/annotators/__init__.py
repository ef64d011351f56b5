"""Who writes the line, the tags and the flag: one module an annotator."""
