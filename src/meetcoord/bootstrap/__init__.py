"""The composition root: settings in, use cases out. The one place that names adapters and use cases together."""

from meetcoord.bootstrap.keyring import Keyring, create_missing
from meetcoord.bootstrap.service import Service, compose, storage_of

__all__ = ["Keyring", "Service", "compose", "create_missing", "storage_of"]
