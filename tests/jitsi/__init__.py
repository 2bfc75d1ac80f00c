"""What a self-hosted Jitsi is shown."""
