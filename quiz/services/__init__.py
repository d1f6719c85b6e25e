"""What the application does, in functions. No HTTP; the session is handed in, nobody here commits."""
