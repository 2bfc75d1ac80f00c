"""Room tokens and the key server a self-hosted Jitsi trusts."""
