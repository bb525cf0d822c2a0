"""The help for staff: a chapter for each kind of work, its pictures taken by the browser tests."""
