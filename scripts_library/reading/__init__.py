"""Reads what customers type: phones, names, places, times, amounts, numbers of orders and tickets.

Pure: no database, no network. Two ways in, over the same patterns:

- `find_*(text)` returns every occurrence with its span (`Found`), for a text folded as
  `bot.folding` does it (Simplified, half width, lower case);
- `read_*(text, is_asked=...)` returns the one value that a dialogue needs from a message, says what
  is wrong with it where that helps, and takes short answers for what was asked.
"""
