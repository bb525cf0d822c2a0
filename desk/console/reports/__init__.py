"""The page of reports: figures, charts, tables, and plans against frequent causes."""
