"""The pages of cases and acts, on a running stack."""
