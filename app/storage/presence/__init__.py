"""The exact presence index: docs/storage.md says how it works and why it never says an outdated "clear"."""
