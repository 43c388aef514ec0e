"""What happens to rows: pure functions and one class per stage; no paths, no engine."""
