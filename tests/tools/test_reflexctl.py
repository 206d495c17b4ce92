#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""reflexctl against a simulated Xen, with memory that the real board has filled, and with memory that lies.

usage: test_reflexctl.py PROGRAM STATS_IMAGE [unittest options]
PROGRAM is reflexctl linked with simulated_dom0.c, STATS_IMAGE the program of stats_image.c
"""
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = STATS_IMAGE = None
TIMEOUT = 60
PAGE = 4096

# Offsets of src/image/image.h and stats.h, written down once more: whoever moves a field finds out here.
IMAGE_MAGIC, IMAGE_VERSION, IMAGE_MEMORY_BYTES, IMAGE_STATS = 0, 4, 16, 32
STATS_MAGIC, STATS_VERSION, STATS_BYTES, STATS_GENERATION, STATS_SERVING, STATS_TSC_KHZ = range(0, 24, 4)
STATS_RECORDED, STATS_SHADOWED, STATS_SHADOWED_AT = 24, 32, 40
STATS_PORTS, STATS_MEMORY, STATS_REQUESTS, STATS_DEVICES, STATS_FIELDS, STATS_PCI = range(112, 184, 12)
STATS_KEYBOARD_PAGE, STATS_KEYBOARD_PORT = 184, 188
TABLE_OFFSET, TABLE_ENTRY, TABLE_COUNT = 0, 4, 8
DEVICE_FIRST_FIELD, DEVICE_FIELD_COUNT, DEVICE_OFFSET = 40, 44, 32
FIELD_BYTES, FIELD_KIND, FIELD_OFFSET = 20, 22, 16
REQUEST_NUMBER, REQUEST_WHAT, REQUEST_ADDRESS, REQUEST_BYTES = 16, 20, 24, 56
RING = 1024


class Memory:
    """A firmware's memory, to be told lies."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.stats = self.get(IMAGE_STATS)

    def get(self, offset, form="<I"):
        return struct.unpack_from(form, self.data, offset)[0]

    def set(self, offset, value, form="<I"):
        struct.pack_into(form, self.data, offset, value & (2 ** (8 * struct.calcsize(form)) - 1))

    def set_stats(self, offset, value, form="<I"):
        self.set(self.stats + offset, value, form)

    def entry(self, table, number):
        table += self.stats
        return self.get(table + TABLE_OFFSET) + number * self.get(table + TABLE_ENTRY)


class ReflexctlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([STATS_IMAGE, folder], check=True, timeout=TIMEOUT)
            cls.images = {name: pathlib.Path(folder, f"{name}.img").read_bytes() for name in ("running", "crashed")}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.lines = []
        self.domain(0, "Domain-0", kind="pv")
        self.domain(3, "plain")
        self.domain(7, "guest", data=self.images["running"])

    def domain(self, number, name, kind="hvm", state="running", data=None):
        path = "-"
        if data is not None:
            path = f"{self.folder.name}/{number}.img"
            with open(path, "wb") as file:
                file.write(data)
        self.lines = sorted([line for line in self.lines if line[0] != number] + [(number, name, kind, state, path)])

    @property
    def table(self):
        return f"{self.folder.name}/domains"

    def write_table(self):
        with open(self.table, "w") as file:
            for line in self.lines:
                print(*line, file=file)

    def run_it(self, *args, simulated=True, **more):
        self.write_table()
        environment = dict(os.environ, SIMULATED_DOMAINS=self.table if simulated else "/nowhere", **more)
        return subprocess.run([PROGRAM, *args], env=environment, capture_output=True, text=True, timeout=TIMEOUT)

    def text(self, *args):
        done = self.run_it(*args)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def json(self, *args):
        return json.loads(self.text(*args, "--json"))

    def refused(self, *args, status=1, **kwargs):
        done = self.run_it(*args, **kwargs)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        return done.stderr

    def device(self, name, domain="guest"):
        return next(device for device in self.json("devices", domain)["devices"] if device["name"] == name)

    # --- screen ---------------------------------------------------------------------------------------------------

    def vga(self, memory, **fields):
        """The adapter's fields, by their names with an underscore for each blank, told otherwise."""
        for number in range(memory.get(memory.stats + STATS_DEVICES + TABLE_COUNT)):
            device = memory.entry(STATS_DEVICES, number)
            if memory.data[device:device + 4] == b"vga\0":
                break
        first, count = memory.get(device + DEVICE_FIRST_FIELD), memory.get(device + DEVICE_FIELD_COUNT)
        for field in (memory.entry(STATS_FIELDS, first + i) for i in range(count)):
            name = memory.data[field:field + 16].rstrip(b"\0").decode().replace(" ", "_")
            if name in fields:
                place = memory.get(device + DEVICE_OFFSET) + memory.get(field + FIELD_OFFSET)
                form = "<I" if memory.get(field + FIELD_BYTES, "<H") == 4 else "<H"
                memory.set(place, fields.pop(name), form)
        self.assertEqual(fields, {})

    def show(self, *lines, **fields):
        """What the memory of the screen is; of the adapter's fields, what is not as it was."""
        text = bytearray(b" \x07" * 16384)
        for row, line in enumerate(lines):
            text[160 * row:160 * row + 2 * len(line):2] = line
        path = f"{self.folder.name}/text"
        with open(path, "wb") as file:
            file.write(text)
        os.environ["SIMULATED_TEXT"] = path
        memory = Memory(self.images["running"])
        self.vga(memory, **fields)
        self.domain(7, "guest", data=memory.data)

    def test_screen(self):
        self.show(b"Linux 6.1 login: root", b"", b"  \xda\xc4\xbf \x01\x00\"\\\x1b\xff")
        lines = self.text("screen", "guest").splitlines()
        self.assertEqual(lines[:3], ["Linux 6.1 login: root", "", "  \u250c\u2500\u2510 \u263a \"\\\u2190"])
        self.assertEqual(lines[3:], [""] * 22 + ["cursor: line 2, column 8"])
        answer = self.json("screen", "guest")
        self.assertEqual(answer["domain"]["id"], 7)
        self.assertEqual(answer["text"], {"columns": 80, "rows": 25, "cursor": {"row": 1, "column": 7},
                                          "lines": lines[:25]})

    def test_screen_of_a_crashed_domain(self):
        self.show(b"panic")
        memory = Memory(self.images["crashed"])
        self.domain(7, "guest", state="crashed", data=memory.data)
        self.assertEqual(self.text("screen", "guest").splitlines()[0], "panic")

    def test_screen_of_other_shapes(self):
        self.show(b"abcdefgh", text_columns=4, text_rows=3, text_row_step=8, cursor_row=0xffff)
        self.assertEqual(self.text("screen", "guest"), "abcd\nefgh\n\n")
        self.assertIsNone(self.json("screen", "guest")["text"]["cursor"])
        self.show(b"abcdefgh", text_columns=4, text_rows=1, text_cell_step=4)
        self.assertEqual(self.text("screen", "guest"), "aceg\n")
        self.show(b"", text_columns=80, text_rows=25, text_address=0xb8f70)     # across a page's end
        self.assertEqual(self.text("screen", "guest").splitlines()[:25], [""] * 25)

    def test_screen_in_a_graphics_mode(self):
        self.show(b"", text_address=0)
        self.assertIn("graphics mode", self.refused("screen", "guest"))
        self.assertIsNone(self.json("screen", "guest")["text"])

    def test_screens_that_cannot_be(self):
        for fields in ({"text_columns": 0}, {"text_columns": 257}, {"text_rows": 0}, {"text_rows": 0xffff},
                       {"text_row_step": 0xffffffff}, {"text_cell_step": 0}, {"text_cell_step": 0x80000000}):
            with self.subTest(fields=fields):
                self.show(b"x", **fields)
                self.assertIn("cannot be", self.refused("screen", "guest"))
        for address in (1, 0xa0000, 0xc0000, 0xbfff0, 0xffffffff):
            with self.subTest(address=address):
                self.show(b"x", text_address=address)
                self.assertIn("cannot be read", self.refused("screen", "guest"))

    def test_no_display_adapter(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_DEVICES + TABLE_COUNT, 1)
        self.domain(7, "guest", data=memory.data)
        self.assertIn("no display adapter", self.refused("screen", "guest"))

    # --- which domain ---------------------------------------------------------------------------------------------

    def test_list(self):
        self.domain(9, "dead", state="crashed", data=self.images["crashed"])
        lines = self.text("list").splitlines()
        self.assertEqual([line.split() for line in lines[1:]],
                         [["guest", "7", "running", "24", "yes"], ["dead", "9", "crashed", "25", "yes"]])
        domains = self.json("list")
        self.assertEqual([one["domain"] for one in domains], [{"id": 7, "name": "guest", "state": "running"},
                                                              {"id": 9, "name": "dead", "state": "crashed"}])
        self.assertTrue(all(one["readable"] for one in domains))

    def test_list_of_no_domain(self):
        self.lines = []
        self.assertEqual(len(self.text("list").splitlines()), 1)
        self.assertEqual(self.json("list"), [])

    def test_list_shows_what_cannot_be_read(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_MAGIC, 0)
        self.domain(7, "guest", data=memory.data)
        self.assertEqual(self.text("list").split()[-5:], ["guest", "7", "running", "?", "?"])
        self.assertFalse(self.json("list")[0]["readable"])

    def test_by_name_and_number(self):
        self.assertEqual(self.text("stats", "guest"), self.text("stats", "7"))
        self.domain(12, "7th", data=self.images["running"])
        self.assertEqual(self.json("stats", "7th")["domain"]["id"], 12)

    def test_no_such_domain(self):
        for name in ("nobody", "5", "8", "32752", "4294967303", "gues"):
            self.assertIn(f"there is no domain {name}", self.refused("stats", name))

    def test_not_a_reflex_domain(self):
        for name in ("Domain-0", "0", "plain"):
            self.assertIn("does not run Reflex", self.refused("trace", name))
        self.domain(3, "plain", data=bytes(PAGE))
        self.assertIn("does not run Reflex", self.refused("trace", "plain"))

    def test_a_name_that_is_no_text(self):
        self.domain(7, "gu\x1b[31mest", data=self.images["running"])
        self.assertNotIn("\x1b", self.text("list"))

    def test_no_xen(self):
        self.assertIn("dom0, as root", self.refused("list", simulated=False))

    def test_usage(self):
        for args in ((), ("frobnicate",), ("stats",), ("list", "guest"), ("trace", "guest", "-n"), ("stats", "a", "b"),
                     ("trace", "guest", "-n", "x"), ("trace", "guest", "-n", "-1"), ("stats", "guest", "--yaml"),
                     ("stats", "guest", "--follow"), ("list", "--follow"), ("trace", "--follow"),
                     ("key",), ("mouse",)):
            self.assertIn("usage: reflexctl", self.refused(*args, status=2))
        for word in ("help", "--help", "-h"):
            self.assertIn("usage: reflexctl", self.text(word))

    # --- what the board has written -------------------------------------------------------------------------------

    def test_stats(self):
        stats = self.json("stats", "guest")
        self.assertTrue(stats["serving"] and stats["settled"])
        self.assertFalse(stats["in_firmware"])
        self.assertEqual((stats["recorded"], stats["tsc_khz"]), (24, 1000000))
        self.assertEqual(stats["entries"]["access"], {"count": 23, "ticks": 11500, "us": 11.5})
        self.assertEqual(stats["entries"]["event"]["count"], 1)
        self.assertIsNone(stats["shadowed"])
        claims = {claim["base"]: claim for claim in stats["claims"]}
        self.assertEqual([claim["base"] for claim in stats["claims"]], sorted(claims))
        ide = claims[0x1f0]
        self.assertEqual((ide["name"], ide["length"], ide["space"], ide["claimed"]), ("ide0", 8, "port", True))
        self.assertEqual((ide["reflections"], ide["accesses"], ide["bytes"]), (10, 265, 521))
        self.assertEqual((ide["ticks"], ide["us"]), (5000, 5.0))
        self.assertEqual(claims[0xcf8]["bytes"], 20)
        self.assertEqual(claims[0xc000]["name"], "bmide")
        lines = self.text("stats", "guest").splitlines()
        self.assertIn("01f0-01f7 ide0 10 265 521 0.005 0.50", [" ".join(line.split()) for line in lines])
        self.assertIn("accesses 23 0.011 0.50", [" ".join(line.split()) for line in lines])

    def test_shadowed_reads(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_SHADOWED, 12345, "<Q")
        memory.set_stats(STATS_SHADOWED_AT, 1, "<Q")
        self.domain(7, "guest", data=memory.data)
        self.assertEqual(self.json("stats", "guest")["shadowed"], {"reads": 12345, "at_request": 1})
        self.assertIn("12345  (at request 1)", self.text("stats", "guest"))

    def test_claims_that_were_given_back(self):
        memory = Memory(self.images["running"])
        for number in range(48):
            memory.set(memory.entry(STATS_PORTS, number) + 24, 0)
        memory.set(memory.entry(STATS_PORTS, 48) + 32, 5, "<Q")
        self.domain(7, "guest", data=memory.data)
        claims = self.json("stats", "guest")["claims"]
        self.assertFalse(any(claim["claimed"] for claim in claims))
        self.assertEqual((claims[-1]["name"], claims[-1]["reflections"]), ("", 5))
        self.assertIn("(given back)", self.text("stats", "guest"))
        self.assertIn("elsewhere", self.text("stats", "guest").splitlines()[-1])

    def test_a_function_that_is_claimed_by_its_number(self):
        memory = Memory(self.images["running"])
        claim, request = memory.entry(STATS_PCI, 0), memory.entry(STATS_REQUESTS, 21)
        for offset, value in enumerate(b"ide function"):
            memory.set(claim + offset, value, "<B")
        for offset, value in ((16, 9 << 12), (20, 256), (24, 1)):
            memory.set(claim + offset, value)
        memory.set(request + REQUEST_WHAT, 0x12001)
        memory.set(request + REQUEST_ADDRESS, 0x9041)
        self.domain(7, "guest", data=memory.data)
        last = self.json("stats", "guest")["claims"][-1]
        self.assertEqual((last["space"], last["name"], last["base"]), ("pci", "ide function", 9 << 12))
        self.assertIn("function 00:01.1  ide function", self.text("stats", "guest"))
        line = self.json("trace", "guest", "-n", "100")["requests"][21]
        self.assertEqual((line["kind"], line["address"], line["claim"]), ("config write", 0x9041, "ide function"))

    def test_trace(self):
        requests = self.json("trace", "guest", "-n", "100")["requests"]
        self.assertEqual([request["number"] for request in requests], list(range(1, 25)))
        self.assertEqual(requests[21], {
            "number": 22, "kind": "out", "vcpu": 1, "tsc": 21500, "us": 0.5, "under_way": False, "address": 0x1f7,
            "size": 1, "count": 1, "value": "0xc8", "claim": "ide0", "words": "ide0.0 READ DMA, 8 sectors at 2048"})
        identify = requests[14]
        self.assertEqual((identify["kind"], identify["size"], identify["count"], identify["memory"]),
                         ("in", 2, 256, 0x20010000))
        self.assertNotIn("value", identify)
        self.assertEqual(requests[23]["kind"], "event")
        self.assertEqual(requests[3]["value"], "0x0000c001")
        words = [request.get("words", "") for request in requests]
        self.assertIn("serial0 THR 'H'", words)
        self.assertIn("pci 00:01.1 base address 4", words)

    def test_trace_in_text(self):
        lines = [" ".join(line.split()) for line in self.text("trace", "guest").splitlines()]
        self.assertIn("-2.0 0.5 1 out 0x1f7 = 0xc8 ide0.0 READ DMA, 8 sectors at 2048", lines)
        self.assertIn("-9.0 0.5 1 rep insw 0x1f0 x256 to 0x20010000 ide0.0 data, 512 bytes", lines)
        self.assertEqual(lines[-1], "0.0 0.5 1 event")

    def test_the_last_requests_keep_what_was_learned_before(self):
        requests = self.json("trace", "-n", "3", "guest")["requests"]
        self.assertEqual([request["number"] for request in requests], [22, 23, 24])
        self.assertEqual(requests[0]["words"], "ide0.0 READ DMA, 8 sectors at 2048")
        self.assertEqual(self.json("trace", "guest", "-n", "0")["requests"], [])

    # --- as they come ---------------------------------------------------------------------------------------------

    def follow(self, *args):
        """Starts `trace guest --follow` and returns the process, once it waits."""
        self.write_table()
        environment = dict(os.environ, SIMULATED_DOMAINS=self.table)
        process = subprocess.Popen([PROGRAM, "trace", "guest", "--follow", *args], env=environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.__exit__, None, None, None)
        self.addCleanup(process.kill)
        while process.poll() is None and self.naps(process) < 100:      # it waits: more than a start-up takes
            time.sleep(0.01)
        return process

    def record(self, memory, *numbers):
        """The firmware writes requests down, each a copy of the 22nd, in the file that is the domain's memory."""
        copy = memory.entry(STATS_REQUESTS, 21)
        for number in numbers:
            place = memory.entry(STATS_REQUESTS, (number - 1) % RING)
            memory.data[place:place + REQUEST_BYTES] = memory.data[copy:copy + REQUEST_BYTES]
            memory.set(place + REQUEST_NUMBER, number)
        memory.set_stats(STATS_RECORDED, numbers[-1], "<Q")
        with open(f"{self.folder.name}/7.img", "r+b") as file:
            file.write(memory.data)

    def end_domain(self):
        """In place: the program reads the table at any time."""
        with open(self.table, "r+") as file:
            table = file.read().replace("guest hvm running", "guest hvm crashed")
            file.seek(0)
            file.write(table)

    def naps(self, process):
        with open(f"/proc/{process.pid}/status") as file:
            return int(file.read().split("\nvoluntary_ctxt_switches:")[1].split()[0])

    def test_follow(self):
        memory = Memory(self.images["running"])
        process = self.follow()
        self.assertIn("REQUEST", process.stdout.readline())
        self.record(memory, 25, 26)
        for _ in range(2):
            self.assertEqual(process.stdout.readline().split(maxsplit=3)[3].rstrip(),
                             "out 0x1f7 = 0xc8                   ide0.0 READ DMA, 8 sectors at 2048")
        memory.set_stats(STATS_GENERATION, memory.get(memory.stats + STATS_GENERATION) + 1)
        self.record(memory, 27, 28)             # the last of them has not ended
        self.assertIn("READ DMA", process.stdout.readline())
        self.end_domain()
        self.assertEqual(process.communicate(timeout=TIMEOUT), ("", ""))
        self.assertEqual(process.returncode, 0)

    def test_follow_says_what_it_missed(self):
        process = self.follow("--json")
        memory = Memory(self.images["running"])
        self.record(memory, 25)
        self.assertEqual(json.loads(process.stdout.readline())["number"], 25)
        last = 25 + 3 * RING
        self.record(memory, *range(26, last + 1))
        self.assertEqual(json.loads(process.stdout.readline()), {"missed": last - RING // 2 - 26})
        self.assertEqual([json.loads(process.stdout.readline())["number"] for _ in range(RING // 2 + 1)],
                         list(range(last - RING // 2, last + 1)))
        self.end_domain()
        self.assertEqual(process.communicate(timeout=TIMEOUT), ("", ""))

    def test_follow_waits_for_the_firmware(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_SERVING, 0)
        self.domain(7, "guest", data=memory.data)
        process = self.follow()
        memory.set_stats(STATS_SERVING, 1)
        self.record(memory, 24)                 # which come before it looks: all are shown
        lines = [process.stdout.readline() for _ in range(25)]
        self.assertIn("REQUEST", lines[0])
        self.assertIn("out 0xcf8 = 0x80000940", lines[1])
        self.end_domain()
        self.assertEqual(process.communicate(timeout=TIMEOUT), ("", ""))

    def test_follow_of_a_domain_that_ends_without_firmware(self):
        self.domain(9, "dead", state="crashed")
        self.assertIn("has ended without a firmware", self.refused("trace", "dead", "--follow"))

    # Without the requests that selected drive and register: what none has changed is as it is now.
    def test_what_was_before_the_ring_is_as_it_is_now(self):
        memory = Memory(self.images["running"])
        for number in (7, 9, 12, 17):
            memory.set(memory.entry(STATS_REQUESTS, number - 1) + REQUEST_NUMBER, 0)
        self.domain(7, "guest", data=memory.data)
        words = {request["number"]: request.get("words") for request in self.json("trace", "guest")["requests"]}
        self.assertEqual(words[10], "serial0 THR 'H'")
        self.assertEqual(words[13], "ide0.0 IDENTIFY DEVICE")
        self.assertEqual(words[22], "ide0.0 READ DMA, 8 sectors at 2048")
        memory.set(memory.entry(STATS_REQUESTS, 17 - 1) + REQUEST_NUMBER, 17)
        self.domain(7, "guest", data=memory.data)
        words = {request["number"]: request.get("words") for request in self.json("trace", "guest")["requests"]}
        self.assertEqual((words[13], words[18]), ("ide0 IDENTIFY DEVICE", "ide0.0 sector count"))

    def test_without_a_clock(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_TSC_KHZ, 0)
        self.domain(7, "guest", data=memory.data)
        for command in ("stats", "trace", "devices"):
            self.assertIn("no times", self.text(command, "guest"))
        self.assertIn("- 1 out 0x1f7 = 0xc8 ide0.0", " ".join(self.text("trace", "guest").split()))
        self.assertEqual(self.json("stats", "guest")["entries"]["access"]["us"], 0)

    def test_devices(self):
        drive = self.device("ide0.0")
        self.assertEqual(drive["type"], "ide device")
        self.assertEqual(drive["state"]["disk"], "vbd/768")
        self.assertEqual(drive["state"]["status"], 0x80)
        self.assertEqual(drive["words"]["status"], "BSY")
        self.assertEqual(drive["state"]["task file"], "00 00 08 00 08 00")
        channel = self.device("ide0")
        self.assertEqual((channel["state"]["in command"], channel["state"]["next sector"]), ("ide0.0", 2048))
        self.assertEqual(channel["words"]["request"], "at the backend")
        self.assertEqual(channel["state"]["BMIDTP"], 0x20000000)
        disk = self.device("vbd/768")["state"]
        self.assertEqual(disk["backend"], "/local/domain/3/backend/vbd/7/768")
        self.assertEqual((disk["requests out"], disk["asked"], disk["answered"]), (1, 1, 0))
        self.assertIs(disk["failed"], False)
        self.assertEqual(self.device("serial0")["state"]["wire"], "console")
        self.assertEqual(self.device("ide0 IRQ")["state"], {"IRQ": 14, "high": False})
        self.assertIn("    requests out     1\n", self.text("devices", "guest"))

    def test_a_request_that_never_ended(self):
        self.domain(9, "dead", state="crashed", data=self.images["crashed"])
        trace = self.json("trace", "dead")
        self.assertTrue(trace["in_firmware"])
        last = trace["requests"][-1]
        self.assertTrue(last["under_way"])
        self.assertEqual((last["address"], last["words"]), (0x1f7, "ide0.0 status"))
        self.assertNotIn("value", last)
        self.assertNotIn("us", last)
        text = self.text("trace", "dead")
        self.assertIn("a virtual CPU is in the firmware", text)
        self.assertEqual(text.split("\n")[-2].split(), ["0.0", "under", "way", "0", "in", "0x1f7", "ide0.0", "status"])

    def test_not_served(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_SERVING, 0)
        self.domain(7, "guest", data=memory.data)
        self.assertIn("does not serve it", self.text("devices", "guest"))

    # --- keyboard and mouse -----------------------------------------------------------------------------------------

    # What the guest got, when the firmware takes `appetite` events.
    def input(self, *args, status=0, appetite=None, data=None, port=None):
        memory = Memory(self.images["running"] if data is None else data)
        self.domain(7, "guest", data=memory.data)
        path = f"{self.folder.name}/input"
        environment = {"SIMULATED_INPUT": path,
                       "SIMULATED_PORT": str(memory.get(memory.stats + STATS_KEYBOARD_PORT) if port is None else port)}
        if appetite is not None:
            environment["SIMULATED_APPETITE"] = str(appetite)
        pathlib.Path(path).write_text("")
        done = self.run_it(*args, **environment)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.message = done.stderr
        return pathlib.Path(path).read_text().splitlines()

    def ring(self):
        """The domain's memory now, and where the ring is."""
        memory = Memory(pathlib.Path(f"{self.folder.name}/7.img").read_bytes())
        return memory, memory.get(memory.stats + STATS_KEYBOARD_PAGE)

    def keys(self, *codes):
        return [f"key {abs(code)} {'up' if code < 0 else 'down'}" for code in codes]

    def test_key(self):
        self.assertEqual(self.input("key", "guest", "f2"), self.keys(60, -60))
        self.assertEqual(self.input("key", "guest", "ctrl-alt-del", "Enter"),
                         self.keys(29, 56, 111, -111, -56, -29, 28, -28))
        self.assertEqual(self.message, "")

    def test_names(self):
        for name, code in (("f1", 59), ("F10", 68), ("f11", 87), ("f12", 88), ("a", 30), ("5", 6), (";", 39),
                           ("\\", 43), ("minus", 12), ("kpenter", 96), ("altgr", 100), ("pause", 119)):
            self.assertEqual(self.input("key", "guest", name), self.keys(code, -code), name)

    def test_names_that_are_none(self):
        for name in ("", "-", "a-", "-a", "f0", "f13", "f01", "f123", "fx", "A", "!", "ctrl--a", "nokey", "x" * 100,
                     "\n", "a-b-c-d-e-f-g-h-i"):
            self.assertEqual(self.input("key", "guest", "enter", name, status=2), [], name)
            self.assertIn("no key is called", self.message)
        self.assertEqual(self.input("key", "guest", status=2), [])
        self.assertEqual(self.input("key", "guest", "--text", status=2), [])
        self.assertEqual(self.input("key", "guest", "--text", "na\u00efve", status=2), [])

    def test_text(self):
        self.assertEqual(self.input("key", "guest", "--text", "aB!\n", "tab"),
                         self.keys(30, -30, 42, 48, -48, -42, 42, 2, -2, -42, 28, -28, 15, -15))
        every = "".join(map(chr, range(32, 127)))
        typed = self.input("key", "guest", "--text", every)
        shifted = sum(c.isupper() or c in '~!@#$%^&*()_+{}|:"<>?' for c in every)
        self.assertEqual(len(typed), 2 * len(every) + 2 * shifted)

    def test_more_than_the_ring_holds(self):
        self.assertEqual(self.input("key", "guest", "--text", "ab" * 100), self.keys(30, -30, 48, -48) * 100)

    def test_mouse(self):
        self.assertEqual(self.input("mouse", "guest", "move", "5", "-7"), ["motion 5 -7 0"])
        self.assertEqual(self.input("mouse", "guest", "wheel", "2"), ["motion 0 0 -2"])
        self.assertEqual(self.input("mouse", "guest", "click", "middle"), self.keys(274, -274))
        for words in ((), ("move",), ("move", "1"), ("move", "1", "x"), ("move", "1", "99999999999999999999"),
                      ("move", "", "1"), ("wheel", "40000"), ("click", "up"), ("click", "left", "right"), ("jump",)):
            self.assertEqual(self.input("mouse", "guest", *words, status=2), [])
            self.assertIn("a mouse can", self.message)

    # Of what the guest did not take nothing goes down later, and what went down comes up.
    def test_withdrawn(self):
        self.assertEqual(self.input("key", "guest", "ctrl-alt-del", status=1, appetite=1), self.keys(29))
        self.assertIn("does not read its keyboard", self.message)
        memory, page = self.ring()
        self.assertEqual((memory.get(page), memory.get(page + 4)), (1, 6))
        self.assertEqual(self.input("key", "guest", "a", data=memory.data),
                         ["nothing"] * 2 + self.keys(-111, -56, -29, 30, -30))
        self.assertEqual(self.input("mouse", "guest", "move", "1", "1", status=1, appetite=0), [])
        memory, page = self.ring()
        self.assertEqual(self.input("key", "guest", "a", data=memory.data), ["nothing"] + self.keys(30, -30))

    def test_somebody_elses_keyboard(self):
        for offset, value in ((STATS_KEYBOARD_PORT, 0), (STATS_SERVING, 0)):
            memory = Memory(self.images["running"])
            memory.set_stats(offset, value)
            self.assertEqual(self.input("key", "guest", "a", status=1, data=memory.data), [])
            self.assertIn("not for this program", self.message)
        self.assertEqual(self.input("key", "guest", "a", status=1, port=1000), [])
        self.assertIn("another reflexctl", self.message)
        self.assertIn("does not run Reflex", self.refused("key", "plain", "a"))

    def test_a_keyboard_that_lies(self):
        for value in (1, 0x100000, 0xfffff000, 0xf0000):
            memory = Memory(self.images["running"])
            memory.set_stats(STATS_KEYBOARD_PAGE, value)
            self.assertEqual(self.input("key", "guest", "a", status=1, data=memory.data), [])
            self.assertIn("not there", self.message)
        for taken, put in ((1, 0), (0, 52), (0, 0x80000000)):
            memory = Memory(self.images["running"])
            page = memory.get(memory.stats + STATS_KEYBOARD_PAGE)
            memory.set(page, taken)
            memory.set(page + 4, put)
            self.assertEqual(self.input("key", "guest", "a", status=1, data=memory.data), [])
            self.assertIn("damaged", self.message)

    # --- lies -----------------------------------------------------------------------------------------------------

    def lie(self, data, word):
        self.domain(7, "guest", data=data)
        self.assertIn(word, self.refused("trace", "guest"))

    def test_image_header(self):
        good = self.images["running"]
        for offset, value, word in ((IMAGE_MAGIC, 0, "does not run Reflex"), (IMAGE_VERSION, 1, "version 1"),
                                    (IMAGE_VERSION, 0xffffffff, "version 4294967295"),
                                    (IMAGE_MEMORY_BYTES, 0, "damaged"), (IMAGE_MEMORY_BYTES, 4097, "damaged"),
                                    (IMAGE_MEMORY_BYTES, 0xfffff000, "damaged"),
                                    (IMAGE_MEMORY_BYTES, 0x101000, "damaged"),
                                    (IMAGE_MEMORY_BYTES, 0x100000, "damaged"),      # that many pages are not there
                                    (IMAGE_MEMORY_BYTES, PAGE, "claims"), (IMAGE_STATS, 0xffffffff, "outside"),
                                    (IMAGE_STATS, len(good) - 183, "outside"), (IMAGE_STATS, 0, "not there")):
            memory = Memory(good)
            memory.set(offset, value)
            self.lie(memory.data, word)
        self.lie(good[:PAGE - 1], "does not run Reflex")

    def test_stats_header(self):
        for offset, value, word in ((STATS_MAGIC, 1, "not there"), (STATS_VERSION, 0, "version"),
                                    (STATS_VERSION, 1, "version"), (STATS_VERSION, 3, "version"),
                                    (STATS_BYTES, 183, "version")):
            memory = Memory(self.images["running"])
            memory.set_stats(offset, value)
            self.lie(memory.data, word)

    def test_tables(self):
        for table, word in ((STATS_PORTS, "claims"), (STATS_MEMORY, "claims"), (STATS_REQUESTS, "requests"),
                            (STATS_DEVICES, "devices"), (STATS_FIELDS, "devices")):
            for part, values in ((TABLE_OFFSET, (0xffffffff, len(self.images["running"]) - 8)),
                                 (TABLE_ENTRY, (0, 1, 4097, 0xffffffff)), (TABLE_COUNT, (5000, 0xffffffff))):
                for value in values:
                    memory = Memory(self.images["running"])
                    memory.set_stats(table + part, value)
                    self.lie(memory.data, word)
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_REQUESTS + TABLE_COUNT, 0)
        self.lie(memory.data, "requests")

    def test_devices_that_lie(self):
        for offset, value, form in ((DEVICE_FIRST_FIELD, 0xffffffff, "<I"), (DEVICE_FIELD_COUNT, 0xffffffff, "<I"),
                                    (DEVICE_FIELD_COUNT, 1000, "<I"), (DEVICE_OFFSET, 0xffffffff, "<I")):
            memory = Memory(self.images["running"])
            memory.set(memory.entry(STATS_DEVICES, 2) + offset, value, form)
            self.lie(memory.data, "devices")
        for offset, value, form in ((FIELD_BYTES, 0, "<H"), (FIELD_BYTES, 9, "<H"), (FIELD_BYTES, 65535, "<H"),
                                    (FIELD_KIND, 200, "<B"), (FIELD_OFFSET, 0xffffffff, "<I")):
            memory = Memory(self.images["running"])
            memory.set(memory.entry(STATS_FIELDS, 0) + offset, value, form)
            self.lie(memory.data, "devices")

    def test_many_devices_with_many_fields(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_DEVICES + TABLE_COUNT, 32)
        for number in range(32):
            entry = memory.entry(STATS_DEVICES, number)
            memory.set(entry + DEVICE_FIRST_FIELD, 0)
            memory.set(entry + DEVICE_FIELD_COUNT, memory.get(memory.stats + STATS_FIELDS + TABLE_COUNT))
            memory.set(entry + DEVICE_OFFSET, 0)
        self.lie(memory.data, "devices")

    def test_names_that_are_no_text(self):
        memory = Memory(self.images["running"])
        for table, place in ((STATS_PORTS, 0), (STATS_DEVICES, 0), (STATS_DEVICES, 16), (STATS_FIELDS, 0)):
            for number in range(3):
                entry = memory.entry(table, number) + place
                memory.data[entry:entry + 16] = b"\x1b[2J\xff\n\"\\%n%s%s%s"
        memory.data[memory.data.index(b"/local/domain")] = 0x1b
        self.domain(7, "guest", data=memory.data)
        for command in ("stats", "trace", "devices"):
            text = self.text(command, "guest")
            self.assertTrue(text.isascii() and text.replace("\n", "").isprintable())
            self.json(command, "guest")
        self.assertIn("?[2J??\"\\%n%s%s%", self.text("devices", "guest"))

    def test_recorded_beyond_the_ring(self):
        for recorded, shown in ((0, 0), (2 ** 64 - 1, 0), (RING + 10, 14), (20, 20)):
            memory = Memory(self.images["running"])
            memory.set_stats(STATS_RECORDED, recorded, "<Q")
            self.domain(7, "guest", data=memory.data)
            self.assertEqual(len(self.json("trace", "guest", "-n", "999")["requests"]), shown)

    def test_requests_overwritten_meanwhile_are_left_out(self):
        memory = Memory(self.images["running"])
        memory.set(memory.entry(STATS_REQUESTS, 4) + REQUEST_NUMBER, 5 + RING)
        self.domain(7, "guest", data=memory.data)
        numbers = [request["number"] for request in self.json("trace", "guest")["requests"]]
        self.assertEqual(numbers, [number for number in range(1, 25) if number != 5])

    def test_numbers_beyond_32_bits(self):
        memory = Memory(self.images["running"])
        memory.set_stats(STATS_RECORDED, 2 ** 32 + 2, "<Q")
        for place, number in ((0, 1), (1, 2), (RING - 1, 0), (RING - 2, 0xffffffff)):
            memory.set(memory.entry(STATS_REQUESTS, place) + REQUEST_NUMBER, number)
        self.domain(7, "guest", data=memory.data)
        numbers = [request["number"] for request in self.json("trace", "guest")["requests"]]
        self.assertEqual(numbers, [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 32 + 2])

    def test_longer_entries_of_a_later_version(self):
        memory = Memory(self.images["running"])
        table = memory.stats + STATS_FIELDS
        old, count = memory.get(table), memory.get(table + TABLE_COUNT)
        moved = b"".join(bytes(memory.data[old + 24 * i:old + 24 * i + 24]) + b"\xee" * 8 for i in range(count))
        memory.set(table + TABLE_OFFSET, len(memory.data))
        memory.set(table + TABLE_ENTRY, 32)
        memory.data += moved + bytes(-len(moved) % PAGE)
        memory.set(IMAGE_MEMORY_BYTES, len(memory.data))
        before = self.json("devices", "guest")
        self.domain(7, "guest", data=memory.data)
        self.assertEqual(self.json("devices", "guest"), before)

    # Any memory at all: an answer or a refusal, never a crash (the program is built with sanitizers).
    def test_noise(self):
        generator = random.Random(1)
        good = Memory(self.images["running"])
        places = [0, good.stats] + [good.entry(table, 0) for table in (STATS_PORTS, STATS_REQUESTS, STATS_DEVICES,
                                                                       STATS_FIELDS)]
        for _ in range(25):
            memory = Memory(self.images["running"])
            for _ in range(generator.randrange(1, 20)):
                place = generator.choice(places) + generator.randrange(12, 600)
                memory.data[place] = generator.choice((0, 1, 0x7f, 0x80, 0xff))
            self.domain(7, "guest", data=memory.data)
            for command in ("list", "stats guest", "trace guest -n 999", "devices guest"):
                for form in ([], ["--json"]):
                    done = self.run_it(*command.split(), *form)
                    self.assertIn(done.returncode, (0, 1), done.stderr)
                    if form and done.stdout:
                        json.loads(done.stdout)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    STATS_IMAGE = sys.argv.pop(1)
    unittest.main()
