"""Sealed copies of what staff deleted or replaced; the desk cannot open them (R-G13)."""
