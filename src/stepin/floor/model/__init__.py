"""The equations of the floor, each a function of plain numbers that both engines use."""
