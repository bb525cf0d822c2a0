"""REST: tickets. Personal data is masked; a department sees its own tickets only.

- `listing`: search, saved views.
- `working`: opening, the timeline, states, assignment, classification.
- `relating`: links, merging and splitting, one change to many.
"""

from fastapi import APIRouter

from desk.tickets.api import listing, relating, working

router = APIRouter(tags=["工单"])
# In this order: /tickets/views is not the ticket of the number "views".
for _module in (listing, relating, working):
    router.include_router(_module.router)
