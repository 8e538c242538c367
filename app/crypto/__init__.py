"""Keys and what is done with them: fingerprints, tokens, sealed values, signed notes."""
