"""What stands in bench.toml, for the tests of every client."""

LONG_TEXT = "/nsls2/data/cms/a/folder/that/is/longer/than/forty/characters"

# Suffix of the name: native type, first value.
SCALARS = {
    "string": ("STRING", "a text"),
    "short": ("SHORT", -7),
    "float": ("FLOAT", 0.1),
    "enum": ("ENUM", 1),
    "long": ("LONG", -123456789),
    "double": ("DOUBLE", 2.718281828459045),
}
ARRAYS = {
    "strings": ("STRING", ["one", "two", "three"]),
    "shorts": ("SHORT", [1, -2, 3]),
    "floats": ("FLOAT", [0.5, 0.25]),
    "chars": ("CHAR", [1, 2, 255]),
    "longs": ("LONG", [100000, -200000]),
    "doubles": ("DOUBLE", [1.5, -2.5, 1e100]),
}
LABELS = ("Low", "Medium", "High")

# What the tests write.
NEW_SCALARS = {
    "string": "another text",
    "short": -32768,
    "float": 0.25,
    "enum": 2,
    "long": 2147483647,
    "double": -1e-300,
}
NEW_ARRAYS = {
    "strings": ["four", "five"],
    "shorts": [4, -5, 6],
    "floats": [0.125, -4.0],
    "chars": [0, 7, 200],
    "longs": [-2147483648, 5],
    "doubles": [3.25, -1.5, 2.5],
}
