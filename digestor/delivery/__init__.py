"""Where an issue goes: one module a delivery."""
