"""What an image holds, read from the engine as a stream."""
