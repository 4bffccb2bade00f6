"""What others may know of consultation: polls of residents and their results, never a person's answer."""
