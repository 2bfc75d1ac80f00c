"""What `meetcoord check` looks at; each module looks at one part of the world and changes nothing."""
