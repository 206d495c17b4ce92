#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""reflex-qtest as its clients see it: the two protocols, the command line, and a disk behind them.

usage: test_qtest.py PROGRAM [unittest options]
"""
import base64
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = None
TIMEOUT = 20            # seconds until a test gives up waiting for anything
SECTOR = 512
IDE, BMIDE = 0x1f0, 0xc000
DISK_SECTORS = 2048


class Lines:
    """One side of a stream of lines."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(TIMEOUT)
        self.received = b""

    def line(self):
        while b"\n" not in self.received:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self.received += data
        line, self.received = self.received.split(b"\n", 1)
        return line.rstrip(b"\r").decode()

    def closed(self):
        try:
            return not self.received and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


class Monitor(Lines):
    def object(self):
        return json.loads(self.line())

    def send(self, request):
        self.socket.sendall(request if isinstance(request, bytes) else json.dumps(request).encode())
        return self.object()

    def execute(self, command, arguments=None):
        request = {"execute": command}
        if arguments is not None:
            request["arguments"] = arguments
        return self.send(request)

    def result(self, *args):
        answer = self.execute(*args)
        assert list(answer) == ["return"], answer
        return answer["return"]

    def error(self, *args):
        answer = self.execute(*args)
        assert list(answer) == ["error"] and sorted(answer["error"]) == ["class", "desc"], answer
        assert answer["error"]["desc"], answer
        return answer["error"]["class"]


class MachineTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def server(self, name):
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(server.close)
        server.bind(self.path(name))
        server.listen(1)
        server.settimeout(TIMEOUT)
        return server

    def accept(self, server, kind):
        connection, _ = server.accept()
        self.addCleanup(connection.close)
        return kind(connection)

    def spawn(self, argv, **kwargs):
        process = subprocess.Popen([PROGRAM] + argv, stderr=subprocess.PIPE, text=True, **kwargs)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        process.kill()
        process.wait()
        process.stderr.close()

    def start(self, *options, machine="pc", negotiate=True, **kwargs):
        """Starts it as libqtest does; self.qtest and self.monitor are the two connections."""
        qtest, monitor = self.server("qtest"), self.server("qmp")
        argv = ["-qtest", "unix:" + self.path("qtest"), "-qtest-log", "/dev/null", "-chardev",
                f"socket,path={self.path('qmp')},id=char0", "-mon", "chardev=char0,mode=control", "-display", "none",
                "-machine", machine, *options, "-accel", "qtest"]
        self.process = self.spawn(argv, **kwargs)
        self.qtest, self.monitor = self.accept(qtest, Lines), self.accept(monitor, Monitor)
        self.greeting = self.monitor.object()
        if negotiate:
            self.assertEqual(self.monitor.result("qmp_capabilities"), {})

    def end(self):
        status = self.process.wait(TIMEOUT)
        self.errors = self.process.stderr.read()
        return status

    # The qtest protocol

    def command(self, text):
        """The reply, and in self.lines what came before it."""
        self.qtest.socket.sendall(text.encode() + b"\n")
        self.lines = []
        line = self.qtest.line()
        while line.startswith("IRQ "):
            self.lines.append(line)
            line = self.qtest.line()
        return line

    def ok(self, text):
        reply = self.command(text)
        self.assertRegex(reply, "^OK( |$)", text)
        return reply[3:]

    def value(self, text):
        return int(self.ok(text), 0)

    def inb(self, port):
        return self.value(f"inb {port:#x}")

    def out(self, size, port, value):
        self.assertEqual(self.ok(f"out{size} {port:#x} {value:#x}"), "")

    def outb(self, port, value):
        self.out("b", port, value)

    def read(self, address, size):
        return bytes.fromhex(self.ok(f"read {address:#x} {size:#x}")[2:])

    def write(self, address, data):
        self.ok(f"write {address:#x} {len(data):#x} 0x{data.hex()}")

    def cmos(self, index):
        self.outb(0x70, index)
        return self.inb(0x71)

    def config_write(self, size, devfn, register, value):
        self.out("l", 0xcf8, 1 << 31 | devfn << 8 | register & ~3)
        self.out(size, 0xcfc + register % 4, value)

    # Disks

    def image(self, name, sectors=DISK_SECTORS):
        """A file in which every sector is filled with bytes that tell its number."""
        with open(self.path(name), "wb") as file:
            file.write(b"".join(struct.pack("<I", i) * (SECTOR // 4) for i in range(sectors)))
        return self.path(name)

    def task_file(self, sector, count, command, drive=0):
        for register, value in ((6, 0xe0 | drive << 4), (2, count), (3, sector & 0xff), (4, sector >> 8 & 0xff),
                                (5, sector >> 16 & 0xff), (7, command)):
            self.outb(IDE + register, value)

    def identify(self, drive=0, base=IDE):
        self.outb(base + 6, 0xe0 | drive << 4)
        self.outb(base + 7, 0xec)
        return [self.value(f"inw {base:#x}") for _ in range(256)]

    def enable_bus_master(self):
        devfn = 1 << 3 | 1
        self.config_write("l", devfn, 0x20, BMIDE)
        self.config_write("w", devfn, 0x04, 5)      # I/O and bus master

    def dma(self, sector, count, command, address, table=0x1000):
        """In two regions, of which the first is 512 bytes less 2 long."""
        first = SECTOR - 2
        self.write(table, struct.pack("<IHHIHH", address, first, 0, address + first, count * SECTOR - first, 0x8000))
        self.out("l", BMIDE + 4, table)
        self.outb(BMIDE + 2, 0x06)
        self.task_file(sector, count, command)
        self.outb(BMIDE, 0x09 if command == 0xc8 else 0x01)
        lines = self.lines
        self.assertEqual(self.inb(BMIDE + 2) & 7, 4)
        self.outb(BMIDE, 0)
        return lines


def text(words):
    return b"".join(struct.pack(">H", word) for word in words).decode()


class ProtocolTest(MachineTest):
    def test_endianness(self):
        self.start()
        self.assertEqual(self.command("endianness"), "OK little")

    def test_port_sizes(self):
        self.start()
        self.assertEqual(self.command("outl 0xcf8 0x80000000"), "OK")
        self.assertEqual(self.command("inl 0xcfc"), "OK 0x12378086")
        self.assertEqual(self.command("inw 0xcfc"), "OK 0x8086")
        self.assertEqual(self.command("inw 0xcfe"), "OK 0x1237")
        self.assertEqual(self.command("inb 0xcfd"), "OK 0x0080")
        self.out("w", 0x70, 0x7550f)                # cut to a word: the index, and a byte
        self.assertEqual(self.cmos(0x0f), 0x55)
        self.outb(0x71, 0x1aa)
        self.assertEqual(self.inb(0x71), 0xaa)

    def test_register_numbers_as_libqos_writes_them(self):
        self.start()
        for register, size, value in ((2, "w", 0x1237), (1, "b", 0x80), (3, "b", 0x12)):
            self.out("l", 0xcf8, 0x80000000 | register)
            self.assertEqual(self.value(f"in{size} 0xcfc"), value)
        self.out("l", 0xcf8, 0x80000002)
        self.assertEqual(self.value("inl 0xcf8"), 0x80000000)

    def test_ports_of_nobody(self):
        self.start()
        for size, ones in ("b", 0xff), ("w", 0xffff), ("l", 0xffffffff):
            self.assertEqual(self.value(f"in{size} 0x1234"), ones)
            self.assertEqual(self.value(f"in{size} 0xffff"), ones)
            self.out(size, 0x1234, 0)
        self.assertEqual(self.value("inw 0x3f6"), 0xffff, "half of it is claimed")

    def test_number_forms(self):
        self.start()
        self.ok("writel 4096 305419896")
        self.assertEqual(self.value("readl 0x1000"), 0x12345678)
        self.assertEqual(self.value("readb 010000"), 0x78)
        self.assertEqual(self.value("readb 0X1003"), 0x12)

    def test_memory_sizes(self):
        self.start()
        self.ok("writeq 0x1000 0x1122334455667788")
        self.assertEqual(self.command("readq 0x1000"), "OK 0x1122334455667788")
        self.assertEqual(self.command("readl 0x1000"), "OK 0x0000000055667788")
        self.assertEqual(self.command("readw 0x1001"), "OK 0x0000000000006677")
        self.assertEqual(self.command("readb 0x1007"), "OK 0x0000000000000011")
        self.ok("writel 0x1001 0xaabbccdd")
        self.ok("writew 0x1005 0xeeff")
        self.ok("writeb 0x1007 0x199")
        self.assertEqual(self.read(0x1000, 8).hex(), "88ddccbbaaffee99")

    def test_hex_is_in_lower_case(self):
        self.start()
        self.assertEqual(self.command("write 0x1000 4 0xABCDef01"), "OK")
        self.assertEqual(self.command("read 0x1000 4"), "OK 0xabcdef01")

    def test_data_of_another_length(self):
        self.start()
        for command, data in ("write", "0x{}"), ("b64write", None):
            encode = (lambda b: "0x" + b.hex()) if data else (lambda b: base64.b64encode(b).decode())
            self.ok("memset 0x1000 8 0xee")
            self.ok(f"{command} 0x1000 4 {encode(b'ab')}")
            self.assertEqual(self.read(0x1000, 6), b"ab\0\0\xee\xee")
            self.ok(f"{command} 0x1000 2 {encode(b'wxyz')}")
            self.assertEqual(self.read(0x1000, 6), b"wx\0\0\xee\xee")

    def test_base64(self):
        self.start()
        for length in range(1, 10):
            data = bytes(250 - 37 * i & 0xff for i in range(length))
            self.ok(f"b64write 0x2000 {length:#x} {base64.b64encode(data).decode()}")
            self.assertEqual(self.read(0x2000, length), data)
            self.assertEqual(base64.b64decode(self.ok(f"b64read 0x2000 {length}"), validate=True), data)

    def test_memset(self):
        self.start()
        self.ok("memset 0x1001 0x3 0x5a")
        self.assertEqual(self.read(0x1000, 5), b"\0ZZZ\0")
        self.assertEqual(self.command("memset 0x1000 0 0"), "OK")
        self.assertEqual(self.read(0x1000, 5), b"\0ZZZ\0")

    def test_long_line(self):
        self.start()
        data = os.urandom(1 << 20)
        self.write(0x100000, data)
        self.assertEqual(self.read(0x100000, len(data)), data)

    def test_lines_in_pieces_and_together(self):
        self.start()
        self.qtest.socket.sendall(b"writeb 0x10")
        self.qtest.socket.sendall(b"00 7\nreadb 0x1000\r\nendian")
        self.assertEqual([self.qtest.line(), self.qtest.line()], ["OK", "OK 0x0000000000000007"])
        self.qtest.socket.sendall(b"ness\n")
        self.assertEqual(self.qtest.line(), "OK little")

    def test_where_ram_is(self):
        self.start("-m", "2")
        self.ok("memset 0x9fff8 0x10 0x11")
        self.assertEqual(self.read(0x9fff8, 16), 8 * b"\x11" + 8 * b"\xff", "the VGA window")
        self.ok("memset 0x1ffff0 0x20 0x22")
        self.assertEqual(self.read(0x1fffee, 0x22), b"\0\0" + 16 * b"\x22" + 16 * b"\xff")
        self.assertEqual(self.value("readq 0xfee00000"), (1 << 64) - 1)

    def test_four_gigabytes(self):
        self.start("-m", "4G")
        for address, ram in (0xbfffffff, True), (0xc0000000, False), (0xffffffff, False), (0x100000000, True), \
                (0x13fffffff, True), (0x140000000, False):
            self.ok(f"writeb {address:#x} 0x42")
            self.assertEqual(self.value(f"readb {address:#x}") == 0x42, ram, hex(address))
        self.assertEqual([self.cmos(i) for i in (0x5b, 0x5c, 0x5d)], [0, 0x40, 0])
        self.assertEqual([self.cmos(i) for i in (0x34, 0x35)], [0, 0xbf])

    def test_clock(self):
        self.start()
        for command, now in ("clock_step", 0), ("clock_step 100", 100), ("clock_set 0x400", 1024), \
                ("clock_set 5", 1024), ("clock_step", 1024), ("clock_step 0", 1024):
            self.assertEqual(self.command(command), f"OK {now}")
        for command in "clock_step -5", f"clock_step {1 << 63}", f"clock_set {1 << 63}":
            self.assertRegex(self.command(command), "^FAIL ")

    def test_interrupt_lines(self):
        self.start("-hda", self.image("disk"))
        self.identify()
        self.assertEqual(self.lines, [], "nobody has asked for them")
        self.assertEqual(self.command("irq_intercept_in ioapic"), "OK")
        self.assertEqual(self.command("irq_intercept_in ioapic"), "OK")
        self.outb(IDE + 7, 0xec)
        self.assertEqual(self.lines, ["IRQ raise 14"])
        self.assertEqual(self.inb(0x3f6) & 0x88, 0x08)
        self.assertEqual(self.lines, [], "alternate status acknowledges nothing")
        self.inb(IDE + 7)
        self.assertEqual(self.lines, ["IRQ lower 14"])
        self.inb(IDE + 7)
        self.assertEqual(self.lines, [])

    def test_alternate_status_without_interrupts(self):
        self.start("-hda", self.image("disk"))
        self.outb(0x3f6, 2)                         # nIEN
        for expected in 0x58, 0x50:
            self.outb(IDE + 7, 0xec if expected == 0x58 else 0xe7)
            self.assertEqual(self.inb(0x3f6), expected, "what Xen answers is up to date")

    def test_level_from_before(self):
        self.start("-hda", self.image("disk"))
        self.outb(IDE + 7, 0xec)
        self.ok("irq_intercept_in ioapic")
        self.assertEqual(self.lines, [])
        self.inb(IDE + 7)
        self.assertEqual(self.lines, [], "the client has not heard of a rise")

    def test_other_devices_cannot_be_intercepted(self):
        self.start()
        self.assertRegex(self.command("irq_intercept_in /machine/i8259"), "^FAIL ")
        self.assertRegex(self.command("irq_intercept_out ioapic"), "^FAIL ")

    def test_port_0_has_no_side_effect(self):
        self.start()
        self.outb(0x0d, 0)                          # master clear
        self.outb(0, 0x34)
        self.outb(0, 0x12)
        self.assertEqual([self.inb(0) for _ in range(3)], [0x34, 0x34, 0x34])
        self.assertEqual([self.inb(2) for _ in range(2)], [0, 0])

    def test_mistakes(self):
        self.start()
        for command in "", "frob", "inb", "inb 1 2", "inb x", "inb 0x", "inb -1", "inb 0x10000", "inb 1x", \
                "outb 0x70", "outb 0x10000 1", "readb", "readb 0x1ffffffffffffffff", "read 0x1000", "read 0x1000 0", \
                "read 0 0xffffffffffff", "read 0xffffffffffffffff 2", "write 0x1000 4", "write 0x1000 4 abcd", \
                "write 0x1000 4 0x", "write 0x1000 4 0xabc", "write 0x1000 4 0xxy", "b64write 0x1000 4 YWJ", \
                "b64write 0x1000 4 YWJj=A==", "b64write 0x1000 4 ====", "b64write 0x1000 0 YWJj", \
                "b64write 0x1000 4 Y=Jj", "memset 0x1000 4", "clock_set", "clock_step x", "irq_intercept_in", \
                "inb 1 2 3 4 5 6", "rtas 1", "set_irq_in ioapic a 1 1":
            self.assertRegex(self.command(command), "^FAIL .", command)
        self.assertEqual(self.read(0x1000, 8), bytes(8))
        self.assertEqual(self.command("endianness"), "OK little")

    def test_log(self):
        qtest = self.server("qtest")
        self.spawn(["-qtest", "unix:" + self.path("qtest"), "-qtest-log", self.path("log")])
        self.qtest = self.accept(qtest, Lines)
        self.ok("writeb 0x1000 7")
        self.ok("readb 0x1000")
        with open(self.path("log")) as log:
            lines = log.read().splitlines()
        self.assertEqual([line.split("] ", 1)[1] for line in lines],
                         ["writeb 0x1000 7", "OK", "readb 0x1000", "OK 0x0000000000000007"])
        self.assertEqual("".join(line[1] for line in lines), "RSRS")

    def test_machine_none(self):
        self.start(machine="none")
        self.outb(0x70, 0x14)
        self.assertEqual(self.inb(0x71), 0xff)
        self.assertEqual(self.inb(0), 0xff)
        self.assertRegex(self.command("irq_intercept_in ioapic"), "^FAIL ")


class MonitorTest(MachineTest):
    def test_greeting(self):
        self.start(negotiate=False)
        self.assertEqual(list(self.greeting), ["QMP"])
        self.assertEqual(sorted(self.greeting["QMP"]), ["capabilities", "version"])
        self.assertEqual(self.greeting["QMP"]["capabilities"], [])
        version = self.greeting["QMP"]["version"]
        self.assertEqual((sorted(version), sorted(version["qemu"])), (["package", "qemu"], ["major", "micro", "minor"]))

    def test_negotiation(self):
        self.start(negotiate=False)
        self.assertEqual(self.monitor.error("query-status"), "CommandNotFound")
        self.assertEqual(self.monitor.error("qmp_capabilities", {"enable": ["oob"]}), "GenericError")
        self.assertEqual(self.monitor.error("qmp_capabilities", {"enable": 1}), "GenericError")
        self.assertEqual(self.monitor.error("qmp_capabilities", {"other": []}), "GenericError")
        self.assertEqual(self.monitor.error("query-status"), "CommandNotFound")
        self.assertEqual(self.monitor.result("qmp_capabilities", {"enable": []}), {})
        self.assertEqual(self.monitor.error("qmp_capabilities"), "CommandNotFound")

    def test_query_version(self):
        self.start()
        self.assertEqual(self.monitor.result("query-version"), self.greeting["QMP"]["version"])

    def test_query_status(self):
        self.start()
        self.assertEqual(self.monitor.result("query-status"),
                         {"running": True, "singlestep": False, "status": "running"})

    def test_query_status_when_stopped(self):
        self.start("-S")
        self.assertEqual(self.monitor.result("query-status"),
                         {"running": False, "singlestep": False, "status": "prelaunch"})

    def test_query_machines(self):
        self.start(machine="none")
        machines = self.monitor.result("query-machines")
        self.assertEqual([machine["name"] for machine in machines], ["pc", "none"])
        for machine in machines:
            types = {"name": str, "cpu-max": int, "hotpluggable-cpus": bool, "numa-mem-supported": bool,
                     "deprecated": bool}
            if machine["name"] == "pc":
                types["is-default"] = bool
            self.assertEqual({key: type(value) for key, value in machine.items()}, types)
        self.assertTrue(machines[0]["is-default"])

    def test_qom_list_types(self):
        self.start(machine="none")
        every = self.monitor.result("qom-list-types", {"abstract": True})
        parents = {entry["name"]: entry.get("parent") for entry in every}
        self.assertEqual([name for name, parent in parents.items() if parent is None], ["object"])
        for parent in parents.values():
            self.assertTrue(parent is None or parent in parents)
        concrete = self.monitor.result("qom-list-types")
        self.assertEqual(concrete, [entry for entry in every if "abstract" not in entry])
        self.assertTrue(all(entry.get("abstract", True) is True for entry in every))
        devices = self.monitor.result("qom-list-types", {"implements": "device", "abstract": False})
        names = [entry["name"] for entry in devices]
        self.assertIn("ide-hd", names)
        for absent in "mc146818rtc", "hpet", "ioapic", "isa-i8259", "isa-pit", "virtio-blk-pci", "pc-machine", "device":
            self.assertNotIn(absent, names)
        self.assertEqual(self.monitor.result("qom-list-types", {"implements": "no-such-type"}), [])

    def test_system_reset(self):
        self.start("-hda", self.image("disk"))
        self.ok("irq_intercept_in ioapic")
        self.ok("writeb 0x1000 7")
        self.outb(0x3d4, 0)
        self.outb(IDE + 2, 0x55)
        self.outb(IDE + 7, 0xec)
        self.assertEqual(self.monitor.result("system_reset"), {})
        event = self.monitor.object()
        self.assertEqual(sorted(event), ["data", "event", "timestamp"])
        self.assertEqual(event["event"], "RESET")
        self.assertEqual(event["data"], {"guest": False, "reason": "host-qmp-system-reset"})
        self.assertEqual(sorted(event["timestamp"]), ["microseconds", "seconds"])
        self.assertEqual(self.qtest.line(), "IRQ lower 14")
        self.assertEqual(self.inb(IDE + 2), 1, "the drive's signature")
        self.assertEqual(self.value("readb 0x1000"), 7, "memory keeps what it holds")

    def test_reset_by_a_register(self):
        self.start("-hda", self.image("disk"))
        self.ok("irq_intercept_in ioapic")
        self.outb(IDE + 7, 0xec)
        self.outb(0xcf9, 0x06)
        self.assertEqual(self.lines, ["IRQ lower 14"])
        event = self.monitor.object()
        self.assertEqual((event["event"], event["data"]), ("RESET", {"guest": True, "reason": "guest-reset"}))
        self.assertEqual(self.inb(IDE + 7) & 0xc9, 0x40)

    def test_power_off_by_a_register(self):
        self.start()
        self.out("w", 0xb004, 0x2000)
        event = self.monitor.object()
        self.assertEqual((event["event"], event["data"]), ("SHUTDOWN", {"guest": True, "reason": "guest-shutdown"}))
        self.assertEqual(self.end(), 0)

    def test_quit(self):
        self.start()
        self.assertEqual(self.monitor.result("quit"), {})
        event = self.monitor.object()
        self.assertEqual((event["event"], event["data"]), ("SHUTDOWN", {"guest": False, "reason": "host-qmp-quit"}))
        self.assertEqual(self.end(), 0)
        self.assertTrue(self.monitor.closed())

    def test_id(self):
        self.start()
        for identity in "cookie#1", 7, {"a": [1]}, None:
            self.assertEqual(self.monitor.send({"execute": "query-status", "id": identity})["id"], identity)
            answer = self.monitor.send({"execute": "no-such-command", "id": identity})
            self.assertEqual((answer["id"], answer["error"]["class"]), (identity, "CommandNotFound"))
        self.assertEqual(self.monitor.send({"id": 5})["id"], 5)

    def test_what_is_no_request(self):
        self.start()
        for request in b"null\n", b"[]", b'"text"', b"17\n", b"{}", b"{]\n", b"{\xff", b"{\x01", b"{'bad \xff", \
                b"%p\n", b"{'execute': 'nonexistent', 'id':'\n", b'{"execute": true}', b'{"execute": 1 2}', \
                b'{"execute": "query-status", "arguments": []}', b'{"execute": "query-status", "extra": 1}', \
                b'{"execute": "query-status", "execute": "quit"}', b'{"exec-oob": "query-status"}', b"[" * 65 + b"\n", \
                b'{"execute": "query-status", "arguments": {"x": 1}}', \
                b'{"execute": "qom-list-types", "arguments": {"implements": 1}}', \
                b'{"execute": "qom-list-types", "arguments": {"abstract": "yes"}}':
            self.assertEqual(self.monitor.send(request)["error"]["class"], "GenericError", request)
            self.assertEqual(self.monitor.error("no-such-command"), "CommandNotFound", request)

    def test_requests_in_pieces_and_together(self):
        self.start()
        request = b'{"execute":"query-status","id":"a}\\"{"}'
        self.monitor.socket.sendall(2 * request + b" \r\n" + request[:20])
        for _ in range(2):
            self.assertEqual(self.monitor.object()["id"], 'a}"{')
        self.monitor.socket.sendall(request[20:])
        self.assertEqual(self.monitor.object()["id"], 'a}"{')

    def test_two_monitors(self):
        second = self.server("second")
        self.start("-qmp", "unix:" + self.path("second"))
        second = self.accept(second, Monitor)
        self.assertIn("QMP", second.object())
        self.monitor.result("system_reset")
        self.assertEqual(self.monitor.object()["event"], "RESET")
        self.assertEqual(second.result("qmp_capabilities"), {}, "events come after the negotiation")
        self.outb(0xcf9, 6)
        self.assertEqual([m.object()["event"] for m in (self.monitor, second)], ["RESET", "RESET"])


class CommandLineTest(MachineTest):
    def refused(self, *options):
        process = self.spawn(list(options))
        status = process.wait(TIMEOUT)
        message = process.stderr.read()
        self.assertEqual(status, 1, options)
        self.assertRegex(message, r"\Areflex-qtest: .+\n\Z", options)
        return message

    def test_what_is_not_known_is_refused(self):
        disk = self.image("disk")
        for options in ("-frob",), ("disk.img",), ("-",), ("-M", "q35"), ("-machine", "pc,accel=kvm"), \
                ("-machine", ""), ("-m",), ("-m", "0"), ("-m", "x"), ("-m", "12q"), ("-m", "2T"), \
                ("-m", "99999999999999999999"), \
                ("-m", "128,maxmem=1G"), ("-smp", "0"), ("-smp", "129"), ("-smp", "2,cores=2"), ("-uuid", "12"), \
                ("-uuid", "12345678-1234-1234-1234-1234567890123"), ("-rtc", "base=utc"), ("-boot", "x"), \
                ("-boot", "cc"), ("-boot", "cdna"), ("-boot", "menu=on"), ("-vga", "cirrus"), ("-display", "gtk"), \
                ("-accel", "xen"), ("-qtest", "tcp:1"), ("-qtest", "unix:"), ("-qtest", "unix:/x,server=on"), \
                ("-chardev", "pty,id=a"), ("-chardev", "socket,id=a"), ("-mon", "chardev=a,mode=control"), \
                ("-mon", "chardev=a,mode=readline"), ("-device", "e1000-82545em"), ("-device", "ide-hd"), \
                ("-device", ""), \
                ("-device", "ide-hd,drive=x"), ("-device", "ide-cd,bus=ide.2"), ("-device", "ide-cd,unit=2"), \
                ("-device", "ide-cd,frob=1"), ("-global", "ide-hd.model=x"), ("-global", "ide-cd.serial=x"), \
                ("-drive", "if=ide"), ("-drive", f"file={disk},if=scsi"), ("-drive", f"file={disk},format=qcow2"), \
                ("-drive", f"file={disk},cache=best"), ("-drive", f"file={disk},index=4"), ("-drive", "file"), \
                ("-drive", f"file={disk},readonly=maybe"), ("-drive", f"file={disk},werror=stop"), \
                ("-blockdev", f"driver=raw,node-name=a,filename={disk}"), \
                ("-blockdev", f"filename={disk},node-name=a"), ("-blockdev", "driver=file,node-name=a"), \
                ("-netdev", "user,id=n"), ("-netdev", "hubport,hubid=0,id=n"), ("-netdev", "socket,id=n"), \
                ("-netdev", "socket,fd=0"), ("-netdev", "socket,fd=x,id=n"), ("-net", "user"), ("-nic", "user"), \
                ("-device", "e1000,netdev=n"), ("-device", "e1000,mac=52:54:00:12:34"), ("-device", "e1000,addr=1"), \
                ("-device", "e1000,mac=52:54:00:12:34:5x"), ("-device", "e1000,addr=4.1"), \
                ("-device", "e1000,addr=20"), ("-device", "e1000,romfile=x"), \
                ("-hda", self.path("none")), ("-hda", os.devnull), ("-qtest", "unix:" + self.path("nobody")):
            self.refused(*options)

    def test_messages_name_what_is_refused(self):
        self.assertIn("-frob", self.refused("-frob"))
        self.assertIn("-m ", self.refused("-m"))
        self.assertIn("werror", self.refused("-drive", "file=x,werror=stop"))
        self.assertIn("virtio-blk", self.refused("-device", "virtio-blk"))
        self.assertIn(self.path("none"), self.refused("-hda", self.path("none")))
        self.assertIn(self.path("nobody"), self.refused("-qtest", "unix:" + self.path("nobody")))

    def test_places_taken_twice(self):
        disk, other = self.image("disk"), self.image("other")
        two = ("-drive", f"file={disk},if=none,id=a", "-drive", f"file={other},if=none,id=b")
        self.refused("-hda", disk, "-drive", f"file={other},if=ide,index=0")
        self.refused(*two, "-device", "ide-hd,drive=a,bus=ide.0,unit=0", "-device", "ide-hd,drive=b,bus=ide.0,unit=0")
        self.refused(*two, "-device", "ide-hd,drive=a", "-device", "ide-hd,drive=a")
        self.refused(*two, "-drive", f"file={disk},if=none,id=a")
        self.refused("-hda", disk, "-hdb", disk, "-hdc", disk, "-hdd", disk, "-drive", f"file={disk}")
        self.refused("-drive", "if=none,media=cdrom,id=c", "-device", "ide-hd,drive=c")
        self.refused("-device", "e1000,addr=5", "-device", "e1000,addr=05.0")
        self.refused(*5 * ("-device", "e1000"))
        net = ("-netdev", "socket,fd=0,id=n")
        self.refused(*net, *net)
        self.refused(*net, *2 * ("-device", "e1000,netdev=n"))
        self.refused(*two, "-device", "ide-hd,drive=a,cyls=10,heads=4")
        self.refused(*two, "-device", "ide-hd,drive=a,cyls=10,heads=17,secs=63")

    def test_what_changes_nothing(self):
        self.start("-nodefaults", "-vga", "none", "-nographic", "-accel", "tcg", "-accel", "kvm", "-rtc",
                   "clock=vm", "-net", "none", "-nic", "none", "-uuid", "01234567-89ab-cdef-0123-456789ABCDEF",
                   "--boot", "c", "-M", "pc")
        self.assertEqual(self.command("endianness"), "OK little")

    def test_sizes(self):
        for option, mib in ("3", 3), ("3M", 3), ("2048k", 2), ("size=4m", 4), ("1g", 1024):
            with self.subTest(option):
                self.folder = tempfile.TemporaryDirectory()
                self.addCleanup(self.folder.cleanup)
                self.start("-m", option)
                self.ok(f"writeb {(mib << 20) - 1:#x} 0x42")
                self.ok(f"writeb {mib << 20:#x} 0x42")
                self.assertEqual(self.value(f"readb {(mib << 20) - 1:#x}"), 0x42)
                self.assertEqual(self.value(f"readb {mib << 20:#x}"), 0xff)

    def test_processors(self):
        self.start("-smp", "4")
        self.assertEqual(self.cmos(0x5f), 3)
        self.assertEqual(self.inb(0xaf00), 0x0f)

    def test_default_memory(self):
        self.start()
        self.assertEqual([self.cmos(i) for i in (0x34, 0x35)], [0x00, 0x07])

    def test_boot_order(self):
        for options, first, after in ((), (2, 1, 3), None), (("c",), (2, 0, 0), None), (("nda",), (4, 3, 1), None), \
                (("order=",), (0, 0, 0), None), (("order=", "order=c"), (2, 0, 0), None), \
                (("once=a",), (1, 0, 0), (2, 1, 3)), (("once=a,order=c",), (1, 0, 0), (2, 0, 0)), \
                (("once=d", "order=nda"), (3, 0, 0), (4, 3, 1)), (("once=a", "once=b", "once=c"), (2, 0, 0), (2, 1, 3)):
            with self.subTest(options):
                self.folder = tempfile.TemporaryDirectory()
                self.addCleanup(self.folder.cleanup)
                self.start(*[word for option in options for word in ("-boot", option)])
                self.assertEqual(self.boot_order(), first)
                self.monitor.result("system_reset")
                self.assertEqual(self.monitor.object()["event"], "RESET")
                self.assertEqual(self.boot_order(), after or first)

    def test_no_floppy_boot_check(self):
        self.start("-no-fd-bootchk")
        self.assertEqual(self.cmos(0x38), 0x31)

    def boot_order(self):
        low, high = self.cmos(0x38), self.cmos(0x3d)
        return high & 15, high >> 4, low >> 4

    def test_comma_in_a_name(self):
        self.start("-drive", "if=ide,file=" + self.image("a,b").replace(",", ",,"))
        self.assertEqual(self.identify()[0] & 0x8000, 0)


class NetworkTest(MachineTest):
    BAR, TX_RING, RX_RING, TX_BUFFER, RX_BUFFER = 0xf0000000, 0x10000, 0x20000, 0x30000, 0x40000
    OWN = bytes.fromhex("525400123456")

    def start_card(self, options="", slot=3, model="e1000"):
        """A card whose network is self.net; its registers at self.BAR, rings of 8, both directions on."""
        self.net, theirs = socket.socketpair()
        self.net.settimeout(TIMEOUT)
        self.addCleanup(self.net.close)
        self.start("-netdev", f"socket,fd={theirs.fileno()},id=n", "-device", f"{model},netdev=n" + options,
                   pass_fds=(theirs.fileno(),))
        theirs.close()
        if model == "e1000":
            self.set_up_card(slot)

    def set_up_card(self, slot):
        self.config_write("l", slot << 3, 0x10, self.BAR)
        self.config_write("w", slot << 3, 0x04, 6)  # memory and bus master
        for i in range(8):
            self.write(self.RX_RING + 16 * i, struct.pack("<QQ", self.RX_BUFFER + 2048 * i, 0))
        for register, value in ((0x3800, self.TX_RING), (0x3808, 128), (0x400, 2), (0x2800, self.RX_RING),
                                (0x2808, 128), (0x2818, 7), (0x100, 0x8002)):
            self.register(register, value)

    def register(self, offset, value=None):
        if value is None:
            return self.value(f"readl {self.BAR + offset:#x}")
        self.assertEqual(self.ok(f"writel {self.BAR + offset:#x} {value:#x}"), "")

    def transmit(self, i, frame):
        self.write(self.TX_BUFFER, frame)
        self.write(self.TX_RING + 16 * i, struct.pack("<QHBBI", self.TX_BUFFER, len(frame), 0, 0x0b, 0))
        self.register(0x3818, i + 1)

    def network_take(self):
        def exactly(length):
            data = b""
            while len(data) < length:
                piece = self.net.recv(length - len(data))
                self.assertTrue(piece, "the network has ended")
                data += piece
            return data
        return exactly(struct.unpack(">I", exactly(4))[0])

    def network_give(self, *frames):
        self.net.sendall(b"".join(struct.pack(">I", len(frame)) + frame for frame in frames))

    def received(self, i):
        _, length, _, status, _, _ = struct.unpack("<QHHBBH", self.read(self.RX_RING + 16 * i, 16))
        return status, self.read(self.RX_BUFFER + 2048 * i, length) if length else b""

    def frame(self, length, fill):
        return self.OWN + bytes.fromhex("00163e010203 88b5") + bytes([fill]) * (length - 14)

    def test_addresses_and_places(self):
        self.start("-device", "e1000", "-device", "e1000-82540em,mac=02:00:00:aa:BB:0c,addr=04.0", "-device", "e1000")
        for slot, low, high in (3, 0x12005452, 0x5634), (4, 0xaa000002, 0x0cbb), (5, 0x12005452, 0x5834):
            self.out("l", 0xcf8, 1 << 31 | slot << 11)
            self.assertEqual(self.value("inl 0xcfc"), 0x100e8086)
            self.config_write("l", slot << 3, 0x10, self.BAR)
            self.config_write("w", slot << 3, 0x04, 2)
            self.assertEqual(self.register(0x5400), low)
            self.assertEqual(self.register(0x5404), 1 << 31 | high)
            self.config_write("w", slot << 3, 0x04, 0)

    def test_rtl8139(self):
        """Registers at ports and in memory, the timer, and a frame each way in C mode."""
        self.start_card(model="rtl8139")
        self.config_write("l", 3 << 3, 0x14, self.BAR)
        self.config_write("l", 3 << 3, 0x10, 0xc100)
        self.config_write("w", 3 << 3, 0x04, 7)
        self.assertEqual(self.value("inl 0xc100"), 0x12005452)
        self.assertEqual(self.register(0x40), 0x74800000)
        self.register(0x48, 0)                      # TCTR, 30 ns a tick
        self.ok("clock_step 3000")
        self.assertEqual(self.register(0x48), 100)
        self.register(0x30, self.RX_BUFFER)         # RBSTART
        self.outb(0xc137, 0x0c)                     # CR: RE, TE
        self.register(0x44, 0x8a)                   # RCR: WRAP, AB, APM
        self.network_give(self.frame(100, 7))
        self.ok("endianness")
        header = struct.pack("<HH", 0x4001, 104)
        self.assertEqual(self.read(self.RX_BUFFER, 108), header + self.frame(100, 7) + bytes(4))
        self.write(self.TX_BUFFER, self.frame(200, 8))
        self.register(0x20, self.TX_BUFFER)         # TSAD0
        self.register(0x10, 200)                    # TSD0
        self.assertEqual(self.network_take(), self.frame(200, 8))
        self.assertEqual(self.register(0x10), 0xa000 | 200)
        self.assertEqual(self.value("inw 0xc13e"), 5)

    def test_frames_go_out(self):
        self.start_card()
        for i, length in enumerate((60, 1514, 42)):
            frame = self.frame(length, i)
            self.transmit(i, frame)
            self.assertEqual(self.network_take(), frame.ljust(60, b"\0"))
            self.assertEqual(self.read(self.TX_RING + 16 * i + 12, 1), b"\1")

    def test_frames_come_in(self):
        self.start_card()
        frames = [self.frame(length, length & 0xff) for length in (60, 1514)]
        self.network_give(*frames, bytes.fromhex("02") + frames[0][1:])     # the last is for somebody else
        self.ok("endianness")
        for i in range(2):
            self.assertEqual(self.received(i), (7, frames[i] + bytes(4)))
        self.assertEqual(self.register(0x2810), 2)
        self.assertEqual(self.register(0xc0) & 0x80, 0x80)
        self.assertEqual(self.register(0x4074), 2)

    def test_frames_wait_for_buffers(self):
        self.start_card()
        self.network_give(*[self.frame(60, i) for i in range(10)])
        self.ok("endianness")
        self.assertEqual(self.register(0x2810), 7)
        self.register(0x2818, 5)
        self.assertEqual(self.register(0x2810), 2)
        self.assertEqual(self.received(1)[1][14], 9)

    def test_a_network_that_ends(self):
        self.start_card()
        self.network_give(self.frame(60, 1))
        self.net.close()
        self.ok("endianness")
        self.transmit(0, self.frame(60, 2))
        self.assertEqual(self.read(self.TX_RING + 12, 1), b"\1")

    def test_a_reset_plugs_the_card_in_again(self):
        self.start_card(",addr=9", slot=9)
        self.assertEqual(self.monitor.result("system_reset"), {})
        self.assertEqual(self.monitor.object()["event"], "RESET")
        self.assertEqual(self.value(f"readl {self.BAR:#x}"), 0xffffffff)
        self.network_give(self.frame(60, 1))        # nobody listens
        self.ok("endianness")
        self.set_up_card(9)
        self.network_give(self.frame(60, 2))
        self.ok("endianness")
        self.assertEqual(self.received(0)[1][14], 2)
        self.transmit(0, self.frame(60, 3))
        self.assertEqual(self.network_take(), self.frame(60, 3))


class ProcessTest(MachineTest):
    def test_sigterm(self):
        self.start()
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(), 0)
        self.assertEqual(self.errors, "")

    def test_sigterm_while_nobody_reads(self):
        self.start()
        self.qtest.socket.sendall(b"read 0 0x1000000\n")
        self.assertEqual(self.qtest.socket.recv(2), b"OK", "it is at it")
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.end(), 0)

    def test_clients_that_leave(self):
        self.start()
        self.monitor.socket.close()
        self.assertEqual(self.command("endianness"), "OK little")
        self.qtest.socket.close()
        self.assertEqual(self.end(), 0)

    def test_inherited_descriptors_stay_open(self):
        mine, theirs = os.pipe()
        self.addCleanup(os.close, mine)
        self.start(pass_fds=(theirs,))
        identity = os.fstat(theirs).st_ino
        os.close(theirs)
        self.ok("endianness")
        self.assertEqual(os.stat(f"/proc/{self.process.pid}/fd/{theirs}").st_ino, identity)

    def test_architecture_in_the_name(self):
        link = os.path.join(os.path.dirname(PROGRAM), "qemu-system-x86_64")
        self.assertTrue(os.path.samefile(link, PROGRAM))


class DisplayTest(MachineTest):
    def test_memory_and_registers(self):
        self.start("-vga", "none", "-device", "VGA")
        self.config_write("l", 0x10, 0x10, 0xf0000000)
        self.config_write("w", 0x10, 0x04, 0x0003)
        self.out("w", 0x1ce, 0x0a)
        self.assertEqual(self.value("inw 0x1cf"), 256)
        self.write(0xf0000000 + (16 << 20) - 4, b"\1\2\3\4")
        self.assertEqual(self.read(0xf0000000 + (16 << 20) - 4, 6), b"\1\2\3\4\xff\xff")
        self.outb(0x3c2, 0x67)
        self.assertEqual(self.read(0xb8000, 2), b"\0\0")                  # as a reset leaves it: no mode, planes of 0
        for index, value in ((5, 0x10), (6, 0x0e), (8, 0xff)):
            self.out("w", 0x3ce, value << 8 | index)
        self.out("w", 0x3c4, 0x0302)
        self.write(0xb8000, b"R\7E\7")                                  # text: RAM
        self.assertEqual(self.read(0xb8000, 4), b"R\7E\7")
        self.out("w", 0x3ce, 0x0406)
        self.assertEqual(self.read(0xf0000000, 8), b"R\7\0\0E\7\0\0")


class DiskTest(MachineTest):
    def test_identify(self):
        self.start("-drive", f"file={self.image('disk')},if=ide,cache=writeback,format=raw", "-global",
                   "ide-hd.serial=testdisk", "-global", "ide-hd.ver=version")
        words = self.identify()
        self.assertEqual(text(words[10:20]), "testdisk".ljust(20))
        self.assertEqual(text(words[23:27]), "version ")
        self.assertEqual(words[60] | words[61] << 16, DISK_SECTORS)
        self.assertTrue(words[85] & 0x20, "write cache")

    def test_places(self):
        disks = [self.image(f"disk{i}", 2048 + 16 * i) for i in range(4)]
        self.start("-hdd", disks[0], "-blockdev", f"driver=file,node-name=a,filename={disks[1]}", "-drive",
                   f"id=b,if=none,file={disks[2]},index=0", "-device", "ide-hd,drive=a,bus=ide.0,unit=1,id=x",
                   "-device", "ide-hd,drive=b,bus=ide.1", "-hda", disks[3])
        sizes = [self.identify(drive, base)[60] for base in (0x1f0, 0x170) for drive in (0, 1)]
        self.assertEqual(sizes, [2048 + 48, 2048 + 16, 2048 + 32, 2048])

    def test_geometry(self):
        self.start("-drive", f"id=a,if=none,file={self.image('disk')}", "-device",
                   "ide-hd,drive=a,cyls=16,heads=4,secs=32")
        words = self.identify()
        self.assertEqual([words[1], words[3], words[6]], [16, 4, 32])
        self.assertEqual([self.cmos(i) for i in (0x12, 0x19, 0x1b, 0x1c, 0x1d, 0x23)], [0xf0, 47, 16, 0, 4, 32])

    def test_dma(self):
        disk = self.image("disk")
        self.start("-hda", disk)
        self.enable_bus_master()
        self.ok("irq_intercept_in ioapic")
        self.assertEqual(self.dma(5, 3, 0xc8, 0x4000), ["IRQ raise 14"])
        self.assertEqual(self.read(0x4000, 3 * SECTOR), b"".join(struct.pack("<I", i) * 128 for i in (5, 6, 7)))
        self.assertEqual(self.read(0x4000 + 3 * SECTOR, 4), bytes(4))
        data = os.urandom(2 * SECTOR)
        self.write(0x8000, data)
        self.dma(9, 2, 0xca, 0x8000)
        self.outb(IDE + 7, 0xe7)
        self.assertEqual(self.inb(IDE + 7), 0x50)
        with open(disk, "rb") as file:
            file.seek(8 * SECTOR)
            self.assertEqual(file.read(4 * SECTOR), struct.pack("<I", 8) * 128 + data + struct.pack("<I", 11) * 128)

    def test_pio_write(self):
        disk = self.image("disk")
        self.start("-hda", disk)
        self.task_file(1, 1, 0x30)
        for i in range(SECTOR // 4):
            self.out("l", IDE, i)
        self.assertEqual(self.inb(IDE + 7), 0x50)
        with open(disk, "rb") as file:
            self.assertEqual(file.read()[SECTOR:2 * SECTOR], struct.pack("<128I", *range(128)))

    def test_read_only(self):
        disk = self.image("disk")
        os.chmod(disk, 0o444)
        with open(disk, "rb") as file:
            before = file.read()
        self.start("-drive", f"file={disk},readonly=on")
        self.assertEqual(self.identify()[60], DISK_SECTORS)
        self.task_file(1, 1, 0x30)
        for _ in range(SECTOR // 4):
            self.out("l", IDE, 0)
        self.assertTrue(self.inb(IDE + 7) & 1, "an error")
        with open(disk, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_trim(self):
        disk = self.image("disk")
        self.start("-hda", disk)
        self.enable_bus_master()
        self.write(0x4000, struct.pack("<QQ", 8 << 48 | 16, 8 << 48 | 1024) + bytes(SECTOR - 16))
        self.outb(IDE + 1, 1)
        self.dma(0, 1, 0x06, 0x4000)
        self.assertEqual(self.inb(IDE + 7), 0x50)
        with open(disk, "rb") as file:
            after = file.read()
        for sector in range(DISK_SECTORS):
            gone = 16 <= sector < 24 or 1024 <= sector < 1032
            self.assertEqual(after[sector * SECTOR:][:4], bytes(4) if gone else struct.pack("<I", sector))

    def packet(self, base, data):
        self.outb(base + 6, 0xa0)
        self.outb(base + 4, 0x00)
        self.outb(base + 5, 0x08)
        self.outb(base + 7, 0xa0)
        for word in struct.unpack("<6H", data.ljust(12, b"\0")):
            self.out("w", base, word)

    def test_cdrom(self):
        disc = self.image("disc")
        os.chmod(disc, 0o444)
        self.start("-cdrom", disc)
        self.outb(0x170 + 6, 0xa0)
        self.outb(0x170 + 7, 0xa1)
        words = [self.value("inw 0x170") for _ in range(256)]
        self.assertEqual(words[0] & 0xdf80, 0x8580, "a CD-ROM drive, removable")
        for _ in range(2):                          # the first tells that there is another medium
            self.packet(0x170, struct.pack(">BBIBHB", 0x28, 0, 3, 0, 1, 0))
        self.assertEqual(self.inb(0x170 + 7) & 0x89, 0x08)
        data = struct.pack("<1024H", *[self.value("inw 0x170") for _ in range(1024)])
        self.assertEqual(data, b"".join(struct.pack("<I", 12 + i) * 128 for i in range(4)))

    def test_empty_cdrom(self):
        self.start("-device", "ide-cd,bus=ide.1")
        for _ in range(2):
            self.packet(0x170, b"\0")
        self.assertEqual(self.inb(0x170 + 7) & 0x89, 0x01)
        self.assertEqual(self.inb(0x170 + 1) >> 4, 2, "not ready")

    def test_dma_where_no_ram_is(self):
        self.start("-hda", self.image("disk"), "-m", "2G")
        self.enable_bus_master()
        for address in 0xa0000, 0x80000000, 0x7f000000:     # the VGA window, beyond RAM, the firmware's own memory
            self.ok(f"memset {address:#x} 0x200 0x77")
            self.write(0x1000, struct.pack("<IHH", address, SECTOR, 0x8000))
            self.out("l", BMIDE + 4, 0x1000)
            self.outb(BMIDE + 2, 6)
            self.task_file(5, 1, 0xc8)
            self.outb(BMIDE, 9)
            self.assertTrue(self.inb(BMIDE + 2) & 2, "an error")
            self.outb(BMIDE, 0)
            self.assertNotEqual(self.read(address, 4), struct.pack("<I", 5))
        self.assertEqual(self.command("endianness"), "OK little")


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
