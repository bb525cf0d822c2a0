"""Answers from the company's own data: one module per kind of record."""
