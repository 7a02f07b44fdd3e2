"""Systems that nobody has seen, drawn at random: what the engine must do without ever being tuned to."""
