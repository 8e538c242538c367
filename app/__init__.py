"""Sparr: a registry of objections to direct marketing."""
