"""`chimera demo`: a real stack, a real fault, and a live view of what Chimera makes of it."""
