"""Root-cause rankers, one a file: each looks at one kind of evidence."""
