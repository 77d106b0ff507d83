"""The static site: one folder that opens from disk, with no request to anywhere else."""
