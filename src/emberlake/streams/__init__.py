"""Live orders and clicks: sources, scoring in milliseconds, windows, the way into the lake, and models that learn."""
