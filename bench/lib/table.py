"""Tables for a terminal."""


def print_table(header, lines):
    """The first column to the left, the others to the right, as wide as they need to be."""
    widths = [max(len(line[i]) for line in [header] + lines) for i in range(len(header))]
    for number, line in enumerate([header] + lines):
        cells = [line[0].ljust(widths[0])] + [text.rjust(width) for text, width in zip(line[1:], widths[1:])]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
