"""Stage (c) of the phrase checker: a trained model for breaches that hit no list.

`model` is what runs, `features` what it counts, `training` builds it from the `examples` of
`data/wording/`.
"""
