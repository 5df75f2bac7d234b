"""Mutation testing: what is changed in the code, and which tests are to notice."""
