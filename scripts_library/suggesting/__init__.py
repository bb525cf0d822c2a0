"""Reply suggestions: the scripts of the library, found, filled in and explained.

- `suggester`: the front door (`load_suggester`, `Suggester.suggest`); `suggestion`: what goes in
  and comes out.
- `script`: what a script is; `library` and `script_files` read `scripts_library/scripts/*.yml`.
- `scoring`: the weights behind a suggestion's score.
- `script_index`, `bm25`, `topic_vectors`, `words`: the search.
- `feedback`: what agents did with suggestions.
- `ranking`: which of several replies answers a question.
- `bench`: its speed and fitness.
"""

from scripts_library.suggesting.suggester import (
    Suggester,
    Suggestion,
    SuggestionContext,
    load_suggester,
)

__all__ = ["Suggester", "Suggestion", "SuggestionContext", "load_suggester"]
