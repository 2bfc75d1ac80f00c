"""The tests speak the domain and use real parts; `tests.*` names what they share."""
