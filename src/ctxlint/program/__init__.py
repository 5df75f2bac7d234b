"""The facts of many modules, linked: what the program does."""
