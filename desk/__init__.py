"""The service desk: system of record, gateway between customers, the bot and the agents."""
