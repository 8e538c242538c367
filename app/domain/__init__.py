"""The field itself: pure rules without a clock, without input or output, without a framework."""
