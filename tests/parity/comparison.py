"""Transcripts: lists of pairs, a step and the lines of its outcome."""


def compare(qemu, here, allowed):
    """What is wrong, in words: nothing where the transcripts are equal but for the allowed differences."""
    found = []
    by_step = {item.step: item for item in allowed}
    left, right = dict(qemu), dict(here)
    for step in list(left) + [step for step in right if step not in left]:
        difference = by_step.pop(step, None)
        outcomes = left.get(step, ["(no such step)"]), right.get(step, ["(no such step)"])
        if difference is None:
            if outcomes[0] != outcomes[1]:
                found.append(f"{step}\n" + side_by_side(outcomes))
        elif outcomes != (list(difference.qemu), list(difference.here)):
            expected = list(difference.qemu), list(difference.here)
            found.append(f"{step}\n" + side_by_side(outcomes)
                         + f"\n  allowed is ({difference.row})\n" + side_by_side(expected))
    found += [f"{step}\n  is an allowed difference, but there is no such step" for step in by_step]
    return found


def missing_rows(differences, path):
    """Every difference's row has to be in the document, word for word but for line ends."""
    with open(path, encoding="utf-8") as file:
        text = " ".join(file.read().split())
    return [f"{path} lacks the row: {row}" for row in sorted({item.row for item in differences})
            if f"| {row} |" not in text]


def side_by_side(outcomes):
    return "\n".join(f"  {name}: " + ("\n        ".join(lines) if lines else "(nothing)")
                     for name, lines in zip(("QEMU", "here"), outcomes))


def printed(qemu, here, *names):
    """Both transcripts for people: a step's outcome once where both agree."""
    lines = []
    left, right = dict(qemu), dict(here)
    for step in list(left) + [step for step in right if step not in left]:
        lines.append(f"  {step}")
        outcomes = left.get(step, ["(no such step)"]), right.get(step, ["(no such step)"])
        if outcomes[0] == outcomes[1]:
            lines += [f"      {line}" for line in outcomes[0]]
        else:
            for name, outcome in zip(names, outcomes):
                lines += [f"    {name}:"] + [f"      {line}" for line in outcome]
    return "\n".join(lines)
