"""Reading a person's message without a model: names, times, intents, and a strict grammar of wishes."""
