"""What a row is and what a finished folder is: tables, labels, ids, manifests, settings, errors."""
