"""Rasa graph components; thin around the pure modules of `bot`."""
