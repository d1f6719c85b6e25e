"""What came of a class's work: running sums, marks changed afterwards, and the tables that instructors read."""
