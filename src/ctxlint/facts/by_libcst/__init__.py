"""libcst → facts: syntax that is newer than the running Python, and what that gives up on."""
