"""What the company knows, kept by people: rows, approved answers, what is still missing."""
