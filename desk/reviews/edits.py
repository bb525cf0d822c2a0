"""How far a sent reply is from the suggestion it began with."""

STILL_THE_SAME = 0.6
"""Up to this distance a reply counts as the suggestion with changes; beyond it is the agent's own
text. Judgement: a filled-in or shortened script stays below, a new sentence does not."""


def edit_distance(one: str, other: str) -> float:
    """Return the Levenshtein distance over the longer length: 0 the same text, 1 nothing alike.

    Bit-parallel (Myers 1999, in Hyyrö's form): a step for each character of `other`, on integers as
    long as `one` has characters; two texts of 4,000 characters take some milliseconds.
    """
    if one == other:
        return 0.0
    if not one or not other:
        return 1.0
    places: dict[str, int] = {}
    for position, char in enumerate(one):
        places[char] = places.get(char, 0) | 1 << position
    last, full = 1 << (len(one) - 1), (1 << len(one)) - 1
    plus, minus, distance = full, 0, len(one)
    for char in other:
        match = places.get(char, 0)
        diagonal = (((match & plus) + plus) ^ plus) | match | minus
        rises, falls = minus | ~(diagonal | plus) & full, diagonal & plus
        distance += bool(rises & last) - bool(falls & last)
        rises, falls = (rises << 1 | 1) & full, falls << 1 & full
        plus, minus = falls | ~(diagonal | rises) & full, rises & diagonal
    return distance / max(len(one), len(other))


def outcome_of(suggested: str, text: str) -> tuple[str, float] | None:
    """Return what became of a suggestion in a sent reply, `used` or `edited`, and the distance;
    None if the reply has little to do with it."""
    distance = edit_distance(suggested.strip(), text.strip())
    if distance > STILL_THE_SAME:
        return None
    return ("edited" if distance else "used"), distance
