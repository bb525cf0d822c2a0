"""Entities of a folded message: one pure module a kind, joined by `bot.entities.extract`."""
