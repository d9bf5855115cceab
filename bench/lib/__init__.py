"""What the programs in bench/ share: systems under test, clients, what /proc says, judging, drawing."""
