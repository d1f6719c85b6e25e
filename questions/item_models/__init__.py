"""How a fact becomes questions.

`asks` says what can be asked of a fact; each item model (one module each) turns an ask into a question, or into
None when it cannot be asked honestly in that way; `table` says which models are tried.
"""
