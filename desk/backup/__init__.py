"""Backup and restore: one encrypted file with every row, the same for SQLite and PostgreSQL."""
