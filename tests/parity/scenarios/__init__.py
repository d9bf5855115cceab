"""The steps: what QEMU's own tests of quorum check, in words and an order of our own.

Each scenario gets a Lab whose side has just been started. Names of nodes, sizes and patterns are the same on
both sides; only what a child is made of differs.
"""

from scenarios import commands, disk_errors, modes_and_children, votes

SCENARIOS = [*votes.SCENARIOS, *modes_and_children.SCENARIOS, *commands.SCENARIOS, *disk_errors.SCENARIOS]
