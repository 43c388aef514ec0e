"""Which file needs which: imports as written, the files they lead to, an order of reading."""
