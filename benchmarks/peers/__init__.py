"""ctxlint beside other tools: what speed.py measures, in environments and copies of its own."""
