"""What QMP answers to what is wrong."""


def errors_of_blockdev_add(lab):
    """Each argument that is wrong, in QEMU's words."""
    for child in ("c0", "c1"):
        lab.node(child)
    good = {"driver": "quorum", "node-name": "q0", "vote-threshold": 1, "children": ["c0", "c1"]}
    for step, change in (
            ("no threshold", {"vote-threshold": None}),
            ("threshold 0", {"vote-threshold": 0}),
            ("threshold -1", {"vote-threshold": -1}),
            ("threshold 3 of 2", {"vote-threshold": 3}),
            ("a threshold that is no number", {"vote-threshold": "2"}),
            ("no children", {"children": []}),
            ("children left out", {"children": None}),
            ("children that are no list", {"children": "c0"}),
            ("an unknown argument", {"bogus": 1}),
            ("an unknown read pattern", {"read-pattern": "rr"}),
            ("rewrite-corrupted that is no switch", {"rewrite-corrupted": "on"}),
            ("an unknown child", {"children": ["c0", "nope"]}),
            ("no node name", {"node-name": None}),
            ("a bad node name", {"node-name": "0 q"}),
            ("no driver", {"driver": None}),
            ("an unknown driver", {"driver": "nothing"})):
        arguments = {key: value for key, value in {**good, **change}.items() if value is not None}
        lab.qmp(step, "blockdev-add", arguments)
    lab.qmp("good at last", "blockdev-add", good)
    lab.qmp("the same name again", "blockdev-add", good)
    lab.qmp("blockdev-del of an unknown node", "blockdev-del", {"node-name": "nope"})
    lab.qmp("blockdev-del of a child", "blockdev-del", {"node-name": "c0"})
    lab.qmp("blockdev-del", "blockdev-del", {"node-name": "q0"})
    lab.qmp("a child twice", "blockdev-add", {**good, "children": ["c0", "c0"]})


def errors_of_exports(lab):
    """Exports and the NBD server."""
    for child in ("c0", "c1"):
        lab.node(child)
    lab.quorum("q0", ["c0", "c1"], 1, export=False)
    export = {"type": "nbd", "id": "e0", "node-name": "q0", "name": "q0", "writable": True}
    lab.qmp("an export without a server", "block-export-add", export)
    lab.qmp("nbd-server-stop without a server", "nbd-server-stop")
    lab.qmp("nbd-server-start", "nbd-server-start", lab.address())
    lab.qmp("nbd-server-start again", "nbd-server-start", lab.address())
    lab.qmp("an export of an unknown node", "block-export-add", {**export, "node-name": "nope"})
    lab.qmp("an export", "block-export-add", export)
    lab.qmp("the same id", "block-export-add", {**export, "name": "other"})
    lab.qmp("the same name", "block-export-add", {**export, "id": "e1"})
    lab.qmp("a bad id", "block-export-add", {**export, "id": "e 1", "name": "other"})
    lab.qmp("an unknown type", "block-export-add", {**export, "type": "carrier-pigeon"})
    lab.exports("while one is there")
    lab.qmp("blockdev-del of an exported node", "blockdev-del", {"node-name": "q0"})
    lab.qmp("block-export-del of an unknown id", "block-export-del", {"id": "nope"})
    lab.qmp("block-export-del", "block-export-del", {"id": "e0"})
    lab.removed()
    lab.io("q0", "read 0 4k")
    lab.qmp("an export once more", "block-export-add", export)
    lab.qmp("nbd-server-stop takes exports with it", "nbd-server-stop")
    lab.removed()
    lab.exports("after it")
    lab.qmp("blockdev-del", "blockdev-del", {"node-name": "q0"})


def the_session(lab):
    """What does not parse, and what is not there."""
    lab.line("no JSON", '{"execute": }')
    lab.line("an unknown command", '{"execute": "no-such-thing", "id": [1, {"a": null}]}')
    lab.line("a number", "7")
    lab.line("no execute", '{"arguments": {}}')
    lab.line("execute that is no name", '{"execute": 7}')
    lab.line("an unknown member", '{"execute": "query-version", "foo": 1}')
    lab.line("arguments that are no object", '{"execute": "query-version", "arguments": []}')
    lab.line("arguments for a command without any", '{"execute": "query-version", "arguments": {"a": 1}}')
    lab.line("a second negotiation", '{"execute": "qmp_capabilities"}')
    lab.line("an id that is echoed",
             '{"execute": "blockdev-del", "arguments": {"node-name": "x"}, "id": "y"}')


SCENARIOS = [
    errors_of_blockdev_add, errors_of_exports, the_session,
]
