"""`chimera eval`: questions over an estate that is written down as data, judged by facts and orders."""
