"""The page of one ticket, a module for each section.

`page` puts the sections together, `reading` reads all they show in one go, `dialogs` asks for what
an action needs. A section is a function that draws into the page: `show(page, view)`.
"""
