"""Doors by noun, mixed into `ClaimsService`: shapes in, shapes out, nothing else."""
