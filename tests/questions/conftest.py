"""Property tests draw the same few examples in every run."""

from __future__ import annotations

import hypothesis

hypothesis.settings.register_profile("house", derandomize=True, max_examples=60, deadline=None, database=None)
hypothesis.settings.load_profile("house")
