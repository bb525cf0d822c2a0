"""Pure reading of what customers type: no database, no network, no Rasa."""
