"""One module's source, read by itself: what it says, as plain data with positions."""
