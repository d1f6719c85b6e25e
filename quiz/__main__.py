"""`python -m quiz` is the qimma command."""

from quiz.cli import main

main()
