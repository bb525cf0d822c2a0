"""The intent model: features, training, prediction; no Rasa in here."""
