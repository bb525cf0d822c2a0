"""`/desk/knowledge`: the catalogue, answers, what was not answered, examples, import."""
