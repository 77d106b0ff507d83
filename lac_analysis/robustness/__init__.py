"""Would the findings stand up? Other choices, other data, other errors: what sits on the claims."""
