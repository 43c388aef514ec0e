"""Print the changelog entries since a tag, grouped by the prefix of the subject."""

import subprocess
import sys
from collections import defaultdict

HEADINGS = {"fix": "Fixed", "add": "Added", "remove": "Removed", "speed": "Faster"}


def read_subjects(tag):
    """Subjects of the commits after a tag, oldest first."""
    command = ["git", "log", "--reverse", "--format=%s", f"{tag}..HEAD"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line for line in output.splitlines() if line]


def group(subjects):
    """Heading to subjects; a subject with no known first word goes under Changed."""
    groups = defaultdict(list)
    for subject in subjects:
        first = subject.split()[0].lower()
        groups[HEADINGS.get(first, "Changed")].append(subject)
    return groups


def render(groups):
    """Markdown with one list for every heading."""
    lines = []
    for heading in sorted(groups):
        lines.append(f"### {heading}")
        lines.extend(f"- {subject}" for subject in groups[heading])
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: changelog.py TAG")
    print(render(group(read_subjects(sys.argv[1]))))
