"""What the console and the widget weigh."""
