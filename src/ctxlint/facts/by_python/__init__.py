"""``ast`` → facts: what the running Python can parse."""
