"""The core: facts, the questions computed from them, and what becomes of an answer.

Knows nothing of Flask, SQL or Anki.
"""
