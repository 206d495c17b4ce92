#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""reflex-vnc between a simulated domain and real viewers.

usage: test_reflex_vnc.py PROGRAM CLIENT [unittest options]     PROGRAM is reflex-vnc linked with simulated_screen.c,
                                                                CLIENT is vnc_client.c
"""
import mmap
import os
import random
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = CLIENT = None
TIMEOUT = 20        # seconds until a test gives up waiting for anything

PAGE = 4096
VIDEO_PAGES = 4096
# the domain's frames
SCREEN_PAGE, INPUT_PAGE, DIRECTORY, VIDEO = 1, 2, 8, 64
SCREEN_PORT, INPUT_PORT = 11, 12

# fbif.h
IN_RING, IN_LENGTH, OUT_RING, OUT_LENGTH, EVENT = 1024, 25, 2048, 51, 40
UPDATE, RESIZE, REFRESH_PERIOD = 2, 3, 1
# kbdif.h
KEY_RING, KEY_LENGTH = 1024, 51
KEY, MOTION = 3, 1


class Domain(threading.Thread):
    """Frontends that keep to the protocol: asked for the picture, they answer with what was drawn."""

    def __init__(self, xen, memory):
        super().__init__(daemon=True)
        self.xen, self.memory = xen, memory
        self.lock = threading.RLock()
        self.told, self.asked, self.period = [], [], 0
        self.rectangles, self.shape = [], None
        self.answers = True
        self.start()

    # --- memory

    def word(self, frame, offset):
        return struct.unpack_from("<I", self.memory, frame * PAGE + offset)[0]

    def set_word(self, frame, offset, value):
        struct.pack_into("<I", self.memory, frame * PAGE + offset, value & 0xffffffff)

    def write_video(self, offset, data):
        self.memory[VIDEO * PAGE + offset:VIDEO * PAGE + offset + len(data)] = data

    # --- what reflex-vnc says

    def run(self):
        while True:
            try:
                line = self.xen.recv(256).decode().strip()
            except OSError:
                return
            if not line:
                return
            with self.lock:
                self.told.append(line)
                if line == f"notify {SCREEN_PORT}" and self.answers:
                    self.answer()
                if line == f"notify {INPUT_PORT}" and self.answers:
                    pass

    def answer(self):
        begin, end = self.word(SCREEN_PAGE, 0), self.word(SCREEN_PAGE, 4)
        asked = False
        for i in range(begin, end):
            offset = SCREEN_PAGE * PAGE + IN_RING + i % IN_LENGTH * EVENT
            kind, period = struct.unpack_from("<B3xI", self.memory, offset)
            if kind == REFRESH_PERIOD:
                if period and not self.period:
                    self.rectangles.insert(0, None)
                self.period, asked = period, period > 0
        self.set_word(SCREEN_PAGE, 0, end)
        if not asked:
            return
        self.asked.append(time.monotonic())
        if self.rectangles and self.shape:
            for rectangle in self.rectangles:
                if rectangle is None:
                    self.put_resize(*self.shape)
                else:
                    self.put_update(*rectangle)
            self.rectangles = []
            self.send_port(SCREEN_PORT)

    def send(self, text):
        self.xen.send(text.encode())

    def send_port(self, port):
        self.send(f"port {port}")

    def put(self, event):
        at = self.word(SCREEN_PAGE, 12)
        offset = SCREEN_PAGE * PAGE + OUT_RING + at % OUT_LENGTH * EVENT
        self.memory[offset:offset + len(event)] = event
        self.set_word(SCREEN_PAGE, 12, at + 1)

    def put_update(self, x, y, width, height):
        self.put(struct.pack("<B3xiiii", UPDATE, x, y, width, height))

    def put_resize(self, width, height, stride, depth, offset):
        self.put(struct.pack("<B3xiiiii", RESIZE, width, height, stride, depth, offset))

    # --- what it does

    def show(self, width, height, depth=32, stride=None, offset=0):
        with self.lock:
            self.shape = (width, height, width * ((depth + 7) // 8) if stride is None else stride, depth, offset)
            self.rectangles = [None]

    def draw(self, x, y, width, height):
        with self.lock:
            self.rectangles.append((x, y, width, height))

    def fill_page(self, bits=32, pages=VIDEO_PAGES):
        """The framebuffer's page, empty, with its directory."""
        self.memory[SCREEN_PAGE * PAGE:(SCREEN_PAGE + 1) * PAGE] = bytes(PAGE)
        struct.pack_into("<iiIIB", self.memory, SCREEN_PAGE * PAGE + 16, 640, 400, 2560, pages * PAGE, 32)
        entry, in_page = ("<I", 1024) if bits == 32 else ("<Q", 512)
        at = SCREEN_PAGE * PAGE + (36 if bits == 32 else 40)
        for i in range(0, pages, in_page):
            struct.pack_into(entry, self.memory, at, DIRECTORY + i // in_page)
            at += bits // 8
        for i in range(pages):
            struct.pack_into(entry, self.memory, DIRECTORY * PAGE + i * (bits // 8), VIDEO + i)

    def connect_screen(self, bits=32, pages=VIDEO_PAGES):
        self.fill_page(bits, pages)
        self.send("frontend vfb state 1")
        if bits == 32:
            self.send("frontend vfb protocol x86_32-abi")
        self.send(f"frontend vfb page-ref {SCREEN_PAGE}")
        self.send(f"frontend vfb event-channel {SCREEN_PORT}")
        self.send("frontend vfb state 3")

    def connect_input(self):
        self.memory[INPUT_PAGE * PAGE:(INPUT_PAGE + 1) * PAGE] = bytes(PAGE)
        self.send("frontend vkbd state 1")
        self.send(f"frontend vkbd page-ref {INPUT_PAGE}")
        self.send(f"frontend vkbd event-channel {INPUT_PORT}")
        self.send("frontend vkbd state 3")

    def take_input(self):
        """The keys and motions so far: ("+30", "-30", (x, y, z))."""
        heard = []
        begin, end = self.word(INPUT_PAGE, 0), self.word(INPUT_PAGE, 4)
        assert end - begin <= KEY_LENGTH
        for i in range(begin, end):
            offset = INPUT_PAGE * PAGE + KEY_RING + i % KEY_LENGTH * EVENT
            kind = self.memory[offset]
            if kind == KEY:
                pressed, code = struct.unpack_from("<xB2xI", self.memory, offset)
                heard.append(("+" if pressed else "-") + str(code))
            elif kind == MOTION:
                heard.append(struct.unpack_from("<4xiii", self.memory, offset))
        self.set_word(INPUT_PAGE, 0, end)
        return heard


class Viewer:
    """vnc_client.c"""

    def __init__(self, port, password=None):
        words = [CLIENT] + (["-p", password] if password else []) + ["127.0.0.1", str(port)]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], TIMEOUT)
        assert ready, "the viewer says nothing"
        return self.process.stdout.readline().rstrip("\n")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.say(line)
        return self.answer()

    def pixel(self, x, y):
        return self.ask(f"pixel {x} {y}").split()[1]

    def picture(self, folder):
        name = os.path.join(folder, "shot.ppm")
        assert self.ask(f"shot {name}") == "shot"
        with open(name, "rb") as file:
            data = file.read()
        head, pixels = data.split(b"\n255\n", 1)
        width, height = map(int, head.split()[1:3])
        return width, height, pixels

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class ScreenTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.memory_name = os.path.join(self.folder, "memory")
        with open(self.memory_name, "wb") as file:
            file.truncate((VIDEO + VIDEO_PAGES) * PAGE)
        with open(self.memory_name, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.port = self.listener.getsockname()[1]

    def start(self, *words):
        xen, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = dict(os.environ, SIMULATED_XEN=str(theirs.fileno()), GUEST_MEMORY=self.memory_name)
        passed = (theirs.fileno(), control.fileno(), self.listener.fileno())
        self.process = subprocess.Popen([PROGRAM, "7", str(self.listener.fileno()), str(control.fileno()), *words],
                                        env=environment, pass_fds=passed, stderr=subprocess.PIPE, text=True)
        theirs.close()
        control.close()
        self.addCleanup(self.stop, self.process, xen, self.control)
        self.domain = Domain(xen, self.memory)
        return self.domain

    @staticmethod
    def stop(process, xen, control):
        process.kill()
        process.wait()
        process.stderr.close()
        xen.close()
        control.close()

    def wait_for(self, condition, what="it never came"):
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            self.assertIsNone(self.process.poll(), "reflex-vnc ended")
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.005)

    def wait_told(self, line, count=1):
        self.wait_for(lambda: self.domain.told.count(line) >= count, f"{line}: {self.domain.told}")

    def connect(self, **how):
        self.domain.connect_screen(**how)
        self.wait_told("backend vfb state 4")
        self.domain.connect_input()
        self.wait_told("backend vkbd state 4")
        self.wait_for(lambda: self.domain.word(INPUT_PAGE, 4))
        self.domain.take_input()

    def viewer(self, password=None, expect="connected"):
        viewer = Viewer(self.port, password)
        self.addCleanup(viewer.close)
        self.assertEqual(viewer.answer(), expect)
        return viewer

    def wait_pixel(self, viewer, x, y, color):
        self.wait_for(lambda: viewer.pixel(x, y) == color, f"pixel {x},{y} is {viewer.pixel(x, y)}, wanted {color}")

    def wait_size(self, viewer, width, height):
        self.wait_for(lambda: viewer.ask("size") == f"size {width} {height}", viewer.ask("size"))

    def heard(self, count):
        """The next `count` events of the keyboard and the mouse."""
        events = []
        deadline = time.monotonic() + TIMEOUT
        while len(events) < count and time.monotonic() < deadline:
            events += self.domain.take_input()
            self.domain.send_port(INPUT_PORT)
            time.sleep(0.005)
        return events

    def processor_ticks(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])        # utime, stime; proc(5)

    # --- the picture

    def test_states(self):
        domain = self.start()
        self.wait_told("backend vfb feature-resize 1")
        domain.send("frontend vfb state 1")
        self.wait_told("backend vfb state 2")
        self.connect()
        self.assertIn("backend vfb request-update 1", domain.told)
        self.assertLess(domain.told.index("backend vfb request-update 1"), domain.told.index("backend vfb state 4"))
        self.assertIn(f"bind {SCREEN_PORT}", domain.told)
        domain.send("frontend vfb state 5")
        self.wait_told(f"unbind {SCREEN_PORT}")
        self.wait_told("backend vfb state 6")
        domain.send("frontend vfb state 1")             # and once more
        self.wait_told("backend vfb state 2", 2)
        domain.connect_screen()
        self.wait_told("backend vfb state 4", 2)

    def test_picture(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        self.assertEqual(viewer.ask("size"), "size 640 400")
        domain.write_video(0x5000, struct.pack("<I", 0x00123456) * (80 * 50))
        domain.show(80, 50, offset=0x5000)
        self.wait_size(viewer, 80, 50)
        self.wait_pixel(viewer, 79, 49, "123456")
        domain.write_video(0x5000 + (80 * 10 + 5) * 4, struct.pack("<I", 0xffabcdef))
        domain.draw(5, 10, 1, 1)
        self.wait_pixel(viewer, 5, 10, "abcdef")
        self.assertEqual(viewer.pixel(4, 10), "123456")

    def test_each_line_and_page_arrives(self):
        domain = self.start()
        self.connect(bits=64)
        viewer = self.viewer()
        generator = random.Random(1)
        stride, width, height, offset = 1000 * 4 + 8, 1000, 700, 0x123454
        rows = [generator.randbytes(width * 4) for _ in range(height)]
        for y, row in enumerate(rows):
            domain.write_video(offset + y * stride, row)
        domain.show(width, height, stride=stride, offset=offset)
        self.wait_size(viewer, width, height)
        self.assertEqual(viewer.ask("settle 300"), "settled")
        wanted = b"".join(bytes(row[i + 2 - j] for i in range(0, len(row), 4) for j in range(3)) for row in rows)
        self.assertTrue(viewer.picture(self.folder) == (width, height, wanted))

    def test_depths(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        pictures = [(16, struct.pack("<H", 0xf81f), "ff00ff"), (16, struct.pack("<H", 0x07e0), "00ff00"),
                    (16, struct.pack("<H", 0x8410), "848284"), (15, struct.pack("<H", 0x7c00), "ff0000"),
                    (15, struct.pack("<H", 0x03e0), "00ff00"), (15, struct.pack("<H", 0xc210), "848484"),
                    (24, b"\x33\x22\x11", "112233"), (32, b"\x66\x55\x44\x99", "445566")]
        for i, (depth, pixel, color) in enumerate(pictures):
            with self.subTest(depth=depth, color=color):
                domain.write_video(0, pixel * (33 * (20 + i)))
                domain.show(33, 20 + i, depth)
                self.wait_size(viewer, 33, 20 + i)
                self.wait_pixel(viewer, 32, 19 + i, color)

    def test_dark(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.write_video(0, b"\xff" * (64 * 64 * 4))
        domain.show(64, 64)
        self.wait_size(viewer, 64, 64)
        self.wait_pixel(viewer, 5, 5, "ffffff")
        domain.show(0, 0, stride=0)
        self.wait_pixel(viewer, 5, 5, "000000")
        self.assertEqual(viewer.ask("size"), "size 64 64")
        domain.show(64, 64)
        self.wait_pixel(viewer, 5, 5, "ffffff")

    def test_what_is_not_memory_is_dark(self):
        domain = self.start()
        domain.fill_page()
        domain.memory[VIDEO * PAGE:(VIDEO + 4) * PAGE] = b"\xff" * (4 * PAGE)
        domain.send(f"frontend vfb page-ref {SCREEN_PAGE}")
        domain.send(f"frontend vfb event-channel {SCREEN_PORT}")
        domain.send("frontend vfb protocol x86_32-abi")
        domain.set_word(DIRECTORY, 4, 0xffffffff)       # the second page
        domain.send("frontend vfb state 3")
        self.wait_told("backend vfb state 4")
        viewer = self.viewer()
        domain.show(1024, 4)
        self.wait_size(viewer, 1024, 4)
        self.wait_pixel(viewer, 0, 0, "ffffff")
        self.assertEqual(viewer.pixel(0, 1), "000000")
        self.assertEqual(viewer.pixel(0, 2), "ffffff")

    # --- who looks, and how often

    def test_nobody_looks(self):
        domain = self.start()
        self.connect()
        domain.show(80, 50)
        time.sleep(0.3)
        self.assertEqual(domain.asked, [])
        viewer = self.viewer()
        self.wait_size(viewer, 80, 50)
        viewer.close()
        self.wait_for(lambda: domain.period == 0)
        count = len(domain.asked)
        time.sleep(0.3)
        self.assertEqual(len(domain.asked), count)

    def test_events_while_nobody_looks_are_not_heard(self):
        domain = self.start()
        self.connect()
        self.wait_for(lambda: domain.told.count(f"notify {SCREEN_PORT}") == 1)
        told = len(domain.told)
        ticks = self.processor_ticks()
        domain.put_resize(100, 100, 400, 32, 0)
        time.sleep(0.3)
        self.assertEqual(len(domain.told), told)
        self.assertLessEqual(self.processor_ticks() - ticks, 2)

    def test_a_still_picture_is_asked_for_less_often(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.show(80, 50)
        self.wait_size(viewer, 80, 50)
        self.assertEqual(viewer.ask("settle 1500"), "settled")
        del domain.asked[:]
        ticks = self.processor_ticks()
        viewer.ask("settle 1200")
        self.assertLessEqual(len(domain.asked), 7)
        self.assertGreaterEqual(len(domain.asked), 2)
        self.assertLessEqual(self.processor_ticks() - ticks, 5)
        del domain.asked[:]
        viewer.say("type a")                            # somebody who types wants to see it
        self.wait_for(lambda: len(domain.asked) >= 3)
        self.assertLess(domain.asked[2] - domain.asked[0], 0.3)

    def test_a_silent_domain(self):
        domain = self.start()
        domain.answers = False
        self.connect()
        viewer = self.viewer()
        self.assertEqual(viewer.ask("settle 200"), "settled")
        def asked_too_often():
            viewer.say("type a")                        # for questions in quick succession
            return domain.told.count(f"notify {SCREEN_PORT}") > IN_LENGTH + 5
        self.wait_for(asked_too_often)
        self.assertEqual(domain.word(SCREEN_PAGE, 4), IN_LENGTH)

    def test_several_viewers(self):
        domain = self.start()
        self.connect()
        domain.show(80, 50)
        viewers = [self.viewer() for _ in range(4)]
        domain.write_video(0, struct.pack("<I", 0x00112233) * (80 * 50))
        domain.draw(0, 0, 80, 50)
        for viewer in viewers:
            self.wait_pixel(viewer, 40, 25, "112233")
        viewers[1].close()
        domain.show(40, 30)
        for viewer in (viewers[0], viewers[2], viewers[3]):
            self.wait_size(viewer, 40, 30)
        viewer = self.viewer()
        self.wait_pixel(viewer, 39, 29, "112233")

    def knock(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(TIMEOUT)
        self.addCleanup(connection.close)
        return connection

    def test_more_viewers_than_there_is_room_for(self):
        self.start()
        self.connect()
        connections = [self.knock() for _ in range(16)]
        for connection in connections:
            self.assertEqual(connection.recv(12), b"RFB 003.008\n")
            for question, answer in ((b"RFB 003.008\n", b"\1\1"), (b"\1", bytes(4))):
                connection.sendall(question)
                self.assertEqual(connection.recv(len(answer), socket.MSG_WAITALL), answer)
            connection.sendall(b"\1")
            self.assertEqual(len(connection.recv(24, socket.MSG_WAITALL)), 24)
        self.assertEqual(self.knock().recv(12), b"")
        connections[3].close()
        self.viewer()

    def test_viewers_that_say_nothing(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        connections = [self.knock() for _ in range(15)]
        for connection in connections:
            self.assertEqual(connection.recv(12), b"RFB 003.008\n")
        another = self.viewer()                         # in the place of the first of them
        self.assertEqual(connections[0].recv(12), b"")
        self.assertEqual(select.select(connections[1:], [], [], 0)[0], [])
        for each in (viewer, another):
            self.assertEqual(each.ask("size"), "size 640 400")

    def test_viewers_that_talk_nonsense(self):
        generator = random.Random(2)
        domain = self.start()
        self.connect()
        domain.show(80, 50)
        for hello in (b"", b"GET / HTTP/1.0\r\n\r\n", b"RFB 003.008\n\x01\x01", b"RFB 003.003\n"):
            connection = socket.create_connection(("127.0.0.1", self.port))
            connection.sendall(hello + generator.randbytes(200))
            connection.close()
        viewer = self.viewer()
        self.wait_size(viewer, 80, 50)

    # --- its own life, and the domain's

    def test_another_takes_over(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.write_video(0x9000, struct.pack("<I", 0x00445566) * (80 * 50))
        domain.show(80, 50, offset=0x9000)
        self.wait_pixel(viewer, 1, 1, "445566")
        self.process.kill()
        self.assertEqual(viewer.answer(), "lost")
        period, indices = domain.period, self.memory[SCREEN_PAGE * PAGE:SCREEN_PAGE * PAGE + 16]
        self.assertNotEqual(period, 0)
        domain = self.start()
        domain.period, domain.shape = period, (80, 50, 320, 32, 0x9000)
        for line in ("vfb protocol x86_32-abi", f"vfb page-ref {SCREEN_PAGE}", f"vfb event-channel {SCREEN_PORT}",
                     "vfb state 4", f"vkbd page-ref {INPUT_PAGE}", f"vkbd event-channel {INPUT_PORT}", "vkbd state 4"):
            domain.send("frontend " + line)
        self.wait_told(f"bind {SCREEN_PORT}")
        viewer = self.viewer()
        self.wait_size(viewer, 80, 50)
        self.wait_pixel(viewer, 1, 1, "445566")
        self.assertEqual(self.memory[SCREEN_PAGE * PAGE + 12:SCREEN_PAGE * PAGE + 14] >= indices[12:14], True)
        self.assertIn("-42", self.heard(1))             # Shift, which the other one may have left down

    def test_the_end_of_the_domain(self):
        domain = self.start()
        self.connect()
        self.viewer()
        domain.send("release alive")
        time.sleep(0.1)
        self.assertIsNone(self.process.poll())
        domain.send("release dead")
        self.assertEqual(self.process.wait(TIMEOUT), 0)

    def test_the_end_of_reflex_dm(self):
        self.start()
        self.control.close()
        self.assertEqual(self.process.wait(TIMEOUT), 0)

    def test_usage(self):
        for words in ([], ["7"], ["x", "1", "2"], ["7", "1", "2", "secret"], ["40000", "1", "2"]):
            process = subprocess.run([PROGRAM, *words], stderr=subprocess.PIPE, text=True)
            self.assertEqual(process.returncode, 2)
            self.assertIn("usage", process.stderr)

    # --- passwords

    def refused(self, password=None):
        viewer = Viewer(self.port, password)
        self.addCleanup(viewer.close)
        self.assertEqual(viewer.answer(), "")
        self.assertEqual(viewer.process.wait(TIMEOUT), 1)

    def test_password(self):
        self.start("password")
        self.connect()
        self.refused("secret")                          # nobody knows it yet
        self.control.send(b"secret")
        self.viewer("secret")
        self.refused("wrong")
        self.refused()
        self.control.send(b"another and long")          # 8 characters count
        self.viewer("another ")
        self.refused("secret")

    # --- keys and the pointer

    def test_keys(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        viewer.say("type a")
        self.assertEqual(self.heard(2), ["+30", "-30"])
        viewer.say("key ffe1 down")                     # Shift, as a person types
        viewer.say("key 41 down")
        viewer.say("key 41 up")
        viewer.say("key ffe1 up")
        self.assertEqual(self.heard(4), ["+42", "+30", "-30", "-42"])
        viewer.say("type A!")                           # as a machine types
        self.assertEqual(self.heard(8), ["+42", "+30", "-42", "-30", "+42", "+2", "-42", "-2"])
        for name, code in (("up", 103), ("down", 108), ("enter", 28), ("esc", 1), ("f1", 59), ("f11", 87)):
            viewer.say(f"press {name}")
            self.assertEqual(self.heard(2), [f"+{code}", f"-{code}"])

    def test_shift_of_another_layout(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        for line in ("key ffe1 down", "key 2f down", "key 2f up", "key ffe1 up"):   # Shift and 7 are a slash there
            viewer.say(line)
        self.assertEqual(self.heard(6), ["+42", "-42", "+53", "+42", "-53", "-42"])

    def test_commands_keep_their_modifiers(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        for line in ("key ffe3 down", "key ffe9 down", "key 43 down", "key 43 up", "key ffff down", "key ffff up",
                     "key ffe9 up", "key ffe3 up"):
            viewer.say(line)
        self.assertEqual(self.heard(8), ["+29", "+56", "+46", "-46", "+111", "-111", "-56", "-29"])

    def test_caps_lock(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        for line in ("key ffe5 down", "key ffe5 up", "type A1", "key ffe5 down", "key ffe5 up", "type a"):
            viewer.say(line)
        self.assertEqual(self.heard(10), ["+58", "-58", "+30", "-30", "+2", "-2", "+58", "-58", "+30", "-30"])

    def test_keys_that_no_keyboard_has(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        for keysym in ("0", "1", "7f", "a4", "20ac", "fe50", "ffffffff", "1000000"):
            viewer.say(f"key {keysym} down")
        viewer.say("type a")
        self.assertEqual(self.heard(2), ["+30", "-30"])

    def test_a_viewer_that_goes_lets_go(self):
        self.start()
        self.connect()
        viewers = self.viewer(), self.viewer()
        viewers[1].say("key 62 down")
        self.assertEqual(self.heard(1), ["+48"])
        viewers[0].say("key 61 down")
        viewers[0].say("key 62 down")
        viewers[0].say("pointer 1 1 1")
        self.assertEqual(self.heard(3), ["+30", "+48", "+272"])
        viewers[0].close()
        self.assertEqual(self.heard(2), ["-30", "-272"])    # the other one still holds B
        viewers[1].say("key 62 up")
        self.assertEqual(self.heard(1), ["-48"])

    def test_pointer(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        viewer.say("pointer 100 100 0")                 # where it begins is no motion
        viewer.say("pointer 103 95 0")
        self.assertEqual(self.heard(1), [(3, -5, 0)])
        viewer.say("pointer 103 95 1")
        viewer.say("pointer 110 95 5")
        viewer.say("pointer 110 95 2")
        self.assertEqual(self.heard(6), ["+272", (7, 0, 0), "+273", "-272", "+274", "-273"])
        viewer.say("pointer 110 95 8")
        viewer.say("pointer 110 95 0")
        viewer.say("pointer 110 95 16")
        viewer.say("pointer 110 95 16")
        self.assertEqual(self.heard(3), [(0, 0, -1), "-274", (0, 0, 1)])

    def test_two_pointers(self):
        self.start()
        self.connect()
        a, b = self.viewer(), self.viewer()
        a.say("pointer 10 10 0")
        a.say("pointer 20 10 0")
        self.assertEqual(self.heard(1), [(10, 0, 0)])
        b.say("pointer 300 300 0")
        b.say("pointer 300 303 0")
        self.assertEqual(self.heard(1), [(0, 3, 0)])

    def test_full_ring(self):
        self.start()
        self.connect()
        viewer = self.viewer()
        viewer.say("type " + "ab" * 40)
        self.wait_for(lambda: self.domain.word(INPUT_PAGE, 4) - self.domain.word(INPUT_PAGE, 0) == KEY_LENGTH)
        for i in range(20):
            viewer.say(f"pointer {i} 0 0")
        viewer.ask("settle 100")
        events = self.heard(161)
        self.assertEqual(events[:160], ["+30", "-30", "+48", "-48"] * 40)
        self.assertEqual(events[160:], [(19, 0, 0)])
        self.assertIn(f"listen {INPUT_PORT}", self.domain.told)

    def test_what_is_left_on_the_ring_is_told_again(self):
        """Less and less often, and no more when it has been taken."""
        self.start()
        self.connect()
        viewer = self.viewer()
        viewer.say("type a")
        start = time.monotonic()
        self.wait_told(f"notify {INPUT_PORT}", 6)
        self.assertGreater(time.monotonic() - start, 0.2)
        self.assertEqual(self.domain.take_input(), ["+30", "-30"])
        told = self.domain.told.count(f"notify {INPUT_PORT}")
        time.sleep(0.8)
        self.assertEqual(self.domain.told.count(f"notify {INPUT_PORT}"), told)

    def test_too_much_for_the_queue(self):
        """Keys are lost, but none stays down."""
        self.start()
        self.connect()
        viewer = self.viewer()
        for _ in range(4):
            viewer.say("type " + "abcdefgh" * 25)
        time.sleep(0.5)
        held, events = set(), [None]
        while events:
            events = self.heard(1)
            for event in events:
                if event[0] == "+":
                    held.add(event[1:])
                else:
                    held.discard(event[1:])
            self.domain.send_port(INPUT_PORT)
            time.sleep(0.02)
            if not held and not self.domain.word(INPUT_PAGE, 4) - self.domain.word(INPUT_PAGE, 0):
                break
        self.assertEqual(held, set())

    # --- a domain that does not keep to the protocol

    def test_impossible_indices(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.show(80, 50)
        self.wait_size(viewer, 80, 50)
        domain.answers = False
        domain.set_word(SCREEN_PAGE, 12, domain.word(SCREEN_PAGE, 8) + OUT_LENGTH + 1)
        domain.send_port(SCREEN_PORT)
        self.wait_told(f"unbind {SCREEN_PORT}")
        self.wait_told("backend vfb state 6")
        self.assertEqual(viewer.ask("size"), "size 80 50")
        viewer.say("type a")                            # the rest works
        self.assertEqual(self.heard(2), ["+30", "-30"])
        domain.answers = True
        domain.period = 0
        self.domain.connect_screen()
        self.wait_told("backend vfb state 4", 2)
        domain.show(60, 40)
        self.wait_size(viewer, 60, 40)

    def test_impossible_shapes(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.show(80, 50)
        self.wait_size(viewer, 80, 50)
        size = VIDEO_PAGES * PAGE
        for shape in ((100000, 50, 320, 32, 0), (80, 1201, 320, 32, 0), (-1, 50, 320, 32, 0), (80, -1, 320, 32, 0),
                      (80, 50, -320, 32, 0), (80, 50, 320, 8, 0), (80, 50, 320, 33, 0), (80, 50, 320, 0, 0),
                      (80, 50, 320, -32, 0), (80, 50, 320, 32, -4), (80, 50, 320, 32, size - 50 * 320 + 1),
                      (80, 50, 0x7fffffff, 32, 0), (80, 1200, 320, 32, 0x7fffffff), (1920, 1200, 0x3000000, 16, 0),
                      (1921, 10, 7684, 32, 0)):
            with self.subTest(shape=shape):
                domain.shape = shape
                domain.rectangles = [None, (0, 0, 80, 50)]
                self.wait_for(lambda: not domain.rectangles)
                self.assertEqual(viewer.ask("size"), "size 80 50")
        domain.show(80, 50, offset=size - 50 * 320)     # the last place that there is
        domain.write_video(size - 4, b"\x33\x22\x11\x00")
        self.wait_pixel(viewer, 79, 49, "112233")

    def test_less_memory_than_before(self):
        """What the domain said of its first video memory does not hold for the second one."""
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.write_video(VIDEO_PAGES * PAGE - 50 * 320, b"\x33\x22\x11\x00" * (80 * 50))
        domain.show(80, 50, offset=VIDEO_PAGES * PAGE - 50 * 320)
        self.wait_pixel(viewer, 79, 49, "112233")
        domain.send("frontend vfb state 6")
        self.wait_told("backend vfb state 6")
        domain.period = 0
        domain.connect_screen(pages=4)                  # too few for the page's shape, 640x400
        self.wait_told("backend vfb state 4", 2)
        domain.draw(0, 0, 80, 50)
        self.wait_pixel(viewer, 79, 49, "000000")
        domain.show(60, 40)
        self.wait_size(viewer, 60, 40)

    def test_impossible_updates(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.show(80, 50)
        self.wait_size(viewer, 80, 50)
        domain.write_video(0, b"\x33\x22\x11\x00" * 4000)
        big = 0x7fffffff
        for area in ((-big, -big, big, big), (0, 0, -1, -1), (80, 50, 1, 1), (big, big, big, big), (5, 5, 0, 0),
                     (79, 0, -big, big)):
            domain.draw(*area)
        self.wait_for(lambda: not domain.rectangles)
        self.assertEqual(viewer.ask("settle 200"), "settled")
        self.assertEqual(viewer.pixel(79, 49), "000000")
        domain.draw(-1000, -1000, big, big)
        self.wait_pixel(viewer, 79, 49, "112233")

    def test_pages_that_lead_nowhere(self):
        for offset, value in ((28, 0), (28, 4095), (28, 0xffffffff), (28, 8193 * PAGE), (36, 0xffffffff)):
            with self.subTest(offset=offset, value=value):
                domain = self.start()
                domain.fill_page()
                domain.set_word(SCREEN_PAGE, offset, value)
                for line in ("vfb protocol x86_32-abi", f"vfb page-ref {SCREEN_PAGE}",
                             f"vfb event-channel {SCREEN_PORT}", "vfb state 3"):
                    domain.send("frontend " + line)
                self.wait_told("backend vfb state 6")
                self.assertNotIn("backend vfb state 4", domain.told)
                self.assertIn(f"unbind {SCREEN_PORT}", domain.told)
                self.viewer()
                self.process.kill()

    def test_nodes_that_lead_nowhere(self):
        for lines in ((f"vfb event-channel {SCREEN_PORT}",), (f"vfb page-ref {SCREEN_PAGE}",),
                      ("vfb page-ref 99999999999", f"vfb event-channel {SCREEN_PORT}"),
                      (f"vfb page-ref {SCREEN_PAGE}", "vfb event-channel 99999999999"),
                      (f"vfb page-ref {SCREEN_PAGE}", "vfb event-channel 200000")):
            with self.subTest(lines=lines):
                domain = self.start()
                domain.fill_page()
                for line in (*lines, "vfb state 3"):
                    domain.send("frontend " + line)
                self.wait_told("backend vfb state 6")
                self.process.kill()

    def test_few_words_for_many_errors(self):
        domain = self.start()
        for i in range(20):
            for state, answer in ((3, 6), (1, 2)):
                domain.send(f"frontend vfb state {state}")
                self.wait_told(f"backend vfb state {answer}", i + 1)
        domain.send("release dead")
        self.assertEqual(self.process.wait(TIMEOUT), 0)
        self.assertEqual(self.process.stderr.read().count("does not name a page"), 8)

    def test_states_in_any_order(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        generator = random.Random(3)
        for _ in range(200):
            domain.send(f"frontend {generator.choice(('vfb', 'vkbd'))} state {generator.choice('0123456789')}")
        domain.period = 0
        self.connect()
        domain.show(60, 40)
        self.wait_size(viewer, 60, 40)

    def test_a_storm_of_events(self):
        """However often the domain rings: the picture is copied when somebody is to see it, and no more often."""
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        domain.show(1024, 768)
        self.wait_size(viewer, 1024, 768)
        domain.answers = False
        generator = random.Random(4)
        for _ in range(50):
            page = SCREEN_PAGE * PAGE + OUT_RING
            self.memory[page:page + 2048] = generator.randbytes(2048)
            domain.set_word(SCREEN_PAGE, 12, domain.word(SCREEN_PAGE, 8) + OUT_LENGTH)
            domain.send_port(SCREEN_PORT)
        self.assertIsNone(self.process.poll())
        viewer.say("type a")
        self.assertEqual(self.heard(2), ["+30", "-30"])

    def test_events_without_end(self):
        """Made as fast as they are taken, and a keyboard's ring that stays full: viewers are served all the same."""
        for event in (f"port {INPUT_PORT}", f"port {SCREEN_PORT}", "frontend vkbd x 1", "release alive"):
            with self.subTest(event=event):
                domain = self.start()
                self.connect()
                viewer = self.viewer()
                viewer.say("type " + "ab" * 40)
                self.wait_told(f"listen {INPUT_PORT}")
                domain.send(f"for ever {event}")
                self.viewer()
                self.stop(self.process, domain.xen, self.control)

    def test_a_keyboard_with_any_indices(self):
        domain = self.start()
        self.connect()
        viewer = self.viewer()
        for consumed, put in ((5, 0), (0xffffffff, 3), (0, 0x80000000), (0x7fffffff, 0x80000000)):
            domain.set_word(INPUT_PAGE, 0, consumed)
            domain.set_word(INPUT_PAGE, 4, put)
            viewer.say("type ab")
            viewer.say("pointer 5 5 0")
        self.assertEqual(viewer.ask("settle 100"), "settled")
        self.assertEqual(self.memory[INPUT_PAGE * PAGE + KEY_RING + KEY_LENGTH * EVENT:(INPUT_PAGE + 1) * PAGE],
                         bytes(PAGE - KEY_RING - KEY_LENGTH * EVENT))
        self.assertIsNone(self.process.poll())


if __name__ == "__main__":
    PROGRAM, CLIENT = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
