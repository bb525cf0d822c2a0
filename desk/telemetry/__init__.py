"""What runs tells about itself: request ids, metrics, traces. Nothing personal in any of them."""
