"""What stands on a terminal in the end, given what was written to it: text, colours, cursor movements."""

import re

ESCAPE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")
BLANK = (" ", "")

Cell = tuple[str, str]
"""A character and its style, the numbers of SGR."""


class Screen:
    """A terminal of so many columns, and as many lines as it takes."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.lines: list[list[Cell]] = [[]]
        self.row, self.column = 0, 0
        self.style = ""

    def write(self, text: str) -> None:
        """Take what a program writes. Fails at what it does not know."""
        at = 0
        for found in ESCAPE.finditer(text):
            self._print(text[at : found.start()])
            self._control(found[1], found[2])
            at = found.end()
        self._print(text[at:])

    def _print(self, text: str) -> None:
        for character in text:
            if character == "\n":
                self._to_row(self.row + 1)
            elif character == "\r":
                self.column = 0
            else:
                assert character.isprintable(), repr(character)
                self._put(character)

    def _put(self, character: str) -> None:
        if self.column == self.columns:
            self._to_row(self.row + 1)
            self.column = 0
        line = self.lines[self.row]
        line += [BLANK] * (self.column + 1 - len(line))
        line[self.column] = (character, self.style)
        self.column += 1

    def _to_row(self, row: int) -> None:
        self.row = row
        while len(self.lines) <= row:
            self.lines.append([])

    def _control(self, numbers: str, letter: str) -> None:
        if letter == "m":
            self.style = "" if numbers in ("", "0") else ";".join(filter(None, [self.style, numbers]))
        elif letter == "K":
            assert numbers == "2", numbers
            self.lines[self.row] = []
        elif letter == "A":
            self.row = max(0, self.row - int(numbers or 1))
        else:
            assert (numbers, letter) in (("?25", "l"), ("?25", "h")), (numbers, letter)

    def text(self, with_styles: bool = False) -> str:
        """The lines; with styles as `<32>` before and `<>` behind what has one."""
        return "\n".join(self._line(line, with_styles) for line in self.lines).rstrip("\n") + "\n"

    def _line(self, line: list[Cell], with_styles: bool) -> str:
        shown, style = "", ""
        for character, its_style in line:
            if its_style != style and with_styles:
                shown += f"<{its_style}>"
            style = its_style
            shown += character
        return (shown + ("<>" if style and with_styles else "")).rstrip()
