"""Other ways to do the same, as a competent user would write them, each in a process of its own.

They answer a list test: is this identifier on that list? No purposes, channels, receipts or canaries.
"""
