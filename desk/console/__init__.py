"""The staff's pages: `/desk` for agents, `/desk/qa` for QA. NiceGUI inside the desk's app."""
