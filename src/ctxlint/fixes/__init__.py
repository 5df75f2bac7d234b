"""How intents become edits, and how edits reach the files."""
