#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes a small recording of what `reflexctl trace --follow` has shown: standard input to standard output.

    out PORT VALUE          as many digits as the access is wide
    in PORT VALUE
    outs PORT WIDTH COUNT [BYTES]       a string instruction, and what it wrote, where that is known
    ins PORT WIDTH COUNT
    again LINES TIMES       the lines before, so many times more

What is read from a disk is not compared: a single word is a string of one. Left out are events; all but one of reads
in a row that find a disk busy or its bus master as it was; all but the first of the PCI functions that are absent; and
IDE commands that differ from two earlier ones in nothing but place, length of a poll, and memory. Characters for the
serial ports are all the same one, so that what is written to them becomes loops.
"""
import re
import sys

REQUEST = re.compile(r"^.*?  +\d+  (?:(in|out) 0x([0-9a-f]+) = 0x([0-9a-f]+)"
                     r"|rep (ins|outs)([bwl]) 0x([0-9a-f]+) x(\d+) \w+ 0x[0-9a-f]+( down)?)(.*)")
WIDTHS = {"b": 1, "w": 2, "l": 4}
SERIAL = (0x3f8, 0x2f8, 0x3e8, 0x2e8)
CHANNELS = ((0x1f0, 0x3f6, 0xc000), (0x170, 0x376, 0xc008))
DATA = {base for base, _, _ in CHANNELS}
STATUS = {base + 7 for base, _, _ in CHANNELS}
MASTERS = {master + 2 for _, _, master in CHANNELS}
PLACED = {0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0xc4, 0xc5, 0xc8, 0xca, 0xa0}
SAME_SHAPE = 2
ABSENT = 16
LONGEST_LOOP = 40


class Line:
    def __init__(self, kind, port, rest):
        self.kind, self.port, self.rest = kind, port, rest

    def __str__(self):
        return f"{self.kind} {self.port:x} {self.rest}"

    def waits(self):
        """For a disk that is busy, or for its bus master's interrupt."""
        return self.kind == "in" and (self.port in STATUS and int(self.rest, 16) & 0x80 or
                                      self.port in MASTERS and not int(self.rest, 16) & 0x04)

    def is_out(self, port):
        return self.kind == "out" and self.port == port


def parse(text):
    for line in text:
        if "requests were missed" in line:
            sys.exit("this is not all: " + line.strip())
        found = REQUEST.match(line)
        if not found:
            continue
        kind, port, value, string, width, string_port, count, down, words = found.groups()
        if kind == "in" and int(port, 16) in DATA:
            yield Line("ins", int(port, 16), f"{len(value) // 2} 1")
        elif kind:
            yield Line(kind, int(port, 16), value)
        elif down:
            sys.exit("a string that goes down: " + line.strip())
        else:
            packet = re.search(r" packet .*?: ([0-9a-f ]+)$", words)
            rest = f"{WIDTHS[width]} {count}" + (" " + packet[1].replace(" ", "") if packet else "")
            yield Line(string, int(string_port, 16), rest)


def without_polls(lines):
    last = None
    for line in lines:
        if not (line.waits() and str(line) == str(last)):
            yield line
        last = line


def without_absent_functions(lines):
    """Without the address and the read of all-ones, if nothing came between; the address stays where it is read."""
    address, left_out, count = None, None, 0
    for line in lines:
        if line.is_out(0xcf8):
            if address:
                yield address
            address = line
            continue
        absent = address and line.kind == "in" and line.port in (0xcfc, 0xcfe) and not line.rest.strip("f")
        count += bool(absent)
        if absent and count > ABSENT:
            address, left_out = None, address
            continue
        if address or left_out and line.port & ~7 == 0xcf8:
            yield address or left_out
            left_out = None
        address = None
        yield line


def with_one_character(lines):
    """A port's data register, unless the divisor latch is there or the chip talks to itself."""
    control = {base: 0 for base in SERIAL}
    modem = dict(control)
    for line in lines:
        if line.kind == "out":
            for base in SERIAL:
                if line.port == base + 3:
                    control[base] = int(line.rest, 16)
                elif line.port == base + 4:
                    modem[base] = int(line.rest, 16)
                elif line.port == base and not control[base] & 0x80 and not modem[base] & 0x10:
                    line.rest = "78"
        yield line


def loops(lines, longest):
    """Lines as text, the longest runs of repeated ones as loops."""
    done = []
    place = 0
    while place < len(lines):
        best = (0, 0, 0)
        for length in range(1, min(longest, len(done)) + 1):
            times = 0
            while lines[place + times * length:place + (times + 1) * length] == done[-length:]:
                times += 1
            best = max(best, (times * length, -length, times))
        saved, length, times = best
        if saved > 1:
            yield from done[:]
            yield f"again {-length} {times}"
            done = []
            place += saved
        else:
            done.append(lines[place])
            place += 1
    yield from done


class Channel:
    """One IDE channel's commands: from the first register that is written for one to the next one's."""

    def __init__(self, base, control, master):
        self.base, self.control, self.master = base, control, master
        self.command, self.seen = [], {}

    def has(self, line):
        return self.base <= line.port < self.base + 8 or line.port == self.control or \
            self.master <= line.port < self.master + 8

    def begins(self, line):
        return line.kind == "out" and any(before.is_out(self.base + 7) for before in self.command) and \
            (self.base < line.port < self.base + 7 or line.port in (self.control, self.master + 4))

    def code(self):
        return next((int(line.rest, 16) for line in self.command if line.is_out(self.base + 7)), None)

    def shape(self):
        shape = []
        for line in self.command:
            text = str(line)
            if line.is_out(self.master + 4) or line.kind == "out" and self.base + 2 <= line.port <= self.base + 5:
                text = f"out {line.port:x}"
            elif line.kind in ("in", "out") and line.port == self.base + 6:
                text = f"{line.kind} {line.port:x} {line.rest[0]}"
            elif line.kind == "outs":
                text = text[:-20]               # but for a packet's code and flags
            if not line.waits():
                shape.append(text)
        return re.sub(r"again (\d+) \d+", r"again \1", "\n".join(loops(shape, 4)))

    def end(self):
        """The command's lines if they are worth keeping."""
        shape = self.shape() if self.code() in PLACED else None
        self.seen[shape] = self.seen.get(shape, 0) + 1
        command, self.command = self.command, []
        return command if shape is None or self.seen[shape] <= SAME_SHAPE else []


def without_like_commands(lines):
    lines = list(lines)
    kept = set()
    for channel in (Channel(*ports) for ports in CHANNELS):
        for line in lines:
            if not channel.has(line):
                continue
            if channel.begins(line):
                kept.update(map(id, channel.end()))
            channel.command.append(line)
        kept.update(map(id, channel.end()))
        kept.update(id(line) for line in lines if not any(Channel(*ports).has(line) for ports in CHANNELS))
    return [line for line in lines if id(line) in kept]


lines = without_like_commands(with_one_character(without_absent_functions(without_polls(parse(sys.stdin)))))
for line in loops([str(line) for line in lines], LONGEST_LOOP):
    print(line)
