"""What runs inside the Rasa server: language components, entities, the desk's channel."""
