"""The chaos bench: what Chimera stands on is killed, stopped or lies, in the middle of repairs."""
