"""What others may know of staffing: communities and the people who work in them."""
