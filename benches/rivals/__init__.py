"""The rivals: one file each, all with `outline(labels) -> {label: [ring, ...]}` and holes kept."""
