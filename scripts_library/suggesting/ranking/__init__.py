"""Which of several replies answers the customer's question?

`ranker` is what runs, `reply_pieces` what it sees of a text, `training` builds it from the
`examples` of `data/ranking/`.
"""
