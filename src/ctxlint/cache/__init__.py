"""What earlier runs have found out, kept in the project: nothing of it is ever believed unasked."""
