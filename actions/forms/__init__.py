"""Guided forms: several things to ask for, in any order, with questions in between."""
