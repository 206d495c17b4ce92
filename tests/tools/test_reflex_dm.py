#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""reflex-dm against a simulated Xen: the command lines and QMP dialogues of stock xl, and clients that misbehave.

usage: test_reflex_dm.py PROGRAM [unittest options]     PROGRAM is reflex-dm linked with simulated_xen.c
"""
import array
import errno
import json
import mmap
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = None
TIMEOUT = 20        # seconds until a test gives up waiting for anything


class Client:
    """A QMP connection: as libxl talks, requests end in CR LF and the answer carries the request's id."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)
        self.received = b""
        self.id = 0x786c7100
        self.greeting = self.answer()

    def answer(self):
        while b"\r\n" not in self.received:
            data = self.socket.recv(4096)
            if not data:
                raise EOFError
            self.received += data
        line, self.received = self.received.split(b"\r\n", 1)
        return json.loads(line)

    def closed(self):
        try:
            return self.socket.recv(4096) == b""
        except ConnectionResetError:
            return True

    def execute(self, command, arguments=None, fd=None):
        self.id += 1
        request = {"execute": command, "id": self.id}
        if arguments is not None:
            request["arguments"] = arguments
        text = json.dumps(request).encode() + b"\r\n"
        if fd is not None:      # libxl sends the descriptor with the first byte
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
            self.socket.sendmsg([text[:1]], rights)
            text = text[1:]
        self.socket.sendall(text)
        answer = self.answer()
        assert answer.pop("id") == self.id, answer
        return answer

    def result(self, *args, **kwargs):
        answer = self.execute(*args, **kwargs)
        assert list(answer) == ["return"], answer
        return answer["return"]

    def error(self, *args, **kwargs):
        answer = self.execute(*args, **kwargs)
        assert list(answer) == ["error"], answer
        return answer["error"]


class DeviceModelTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "qmp-libxl-7")
        self.process = None
        self.program = PROGRAM

    def xl_argv(self):
        """What xl 4.17 makes of name, serial="pty", vga="none", vnc=0, boot="cd" and one phy: disk."""
        socket_args = "server=on,wait=off"
        return ["-xen-domid", "7", "-no-shutdown",
                "-chardev", f"socket,id=libxl-cmd,path={self.path},{socket_args}",
                "-mon", "chardev=libxl-cmd,mode=control",
                "-chardev", f"socket,id=libxenstat-cmd,path={self.folder.name}/qmp-libxenstat-7,{socket_args}",
                "-mon", "chardev=libxenstat-cmd,mode=control", "-nodefaults", "-no-user-config", "-name", "guest",
                "-vnc", "none", "-display", "none", "-serial", "pty",
                "-boot", "order=cd", "-smp", "2,maxcpus=2", "-net", "none", "-machine", "xenfv,suppress-vmdesc=on",
                "-m", "496", "-drive", "file=/dev/loop0,if=ide,index=0,media=disk,format=raw,cache=writeback"]

    def start(self, argv=None, enable_errno=0, vcpus=2, pass_fds=(), ready=True):
        self.xen, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.xen.settimeout(TIMEOUT)
        environment = dict(os.environ, SIMULATED_XEN=str(theirs.fileno()), ENABLE_ERRNO=str(enable_errno),
                           VCPUS=str(vcpus))
        self.process = subprocess.Popen([self.program] + (self.xl_argv() if argv is None else argv), env=environment,
                                        pass_fds=(theirs.fileno(), *pass_fds), stderr=subprocess.PIPE, text=True)
        theirs.close()
        self.addCleanup(self.stop, self.process, self.xen)
        self.told = []
        while ready and self.xen_says() != "running":
            pass

    @staticmethod
    def stop(process, xen):
        process.kill()
        process.wait()
        process.stderr.close()
        xen.close()

    def xen_says(self):
        line = self.xen.recv(256).decode().rstrip("\n")
        self.assertTrue(line, "reflex-dm ended")
        self.told.append(line)
        return line

    def connect(self):
        client = Client(self.path)
        self.addCleanup(client.socket.close)
        return client

    def session(self):
        client = self.connect()
        self.assertEqual(client.result("qmp_capabilities"), {})
        return client

    def exit_status(self):
        status = self.process.wait(TIMEOUT)
        self.errors = self.process.stderr.read()
        return status

    def processor_ticks(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])        # utime, stime; proc(5)

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class CommandLine(DeviceModelTest):
    def test_no_arguments(self):
        self.start([], ready=False)
        self.assertEqual(self.exit_status(), 2)
        self.assertIn("usage:", self.errors)

    def test_refused_lines(self):
        chardev = ["-chardev", f"socket,id=libxl-cmd,path={self.path}"]
        for argv in (["-xen-domid"], ["-xen-domid", "x"] + chardev, ["-xen-domid", "-1"] + chardev,
                     ["-xen-domid", "5abc"] + chardev, ["-xen-domid", "7", "-incoming", "fd:3x"] + chardev,
                     ["-xen-domid", "7", "-drive", "if=none,id=ide-5632x,readonly=on"] + chardev,
                     ["-xen-domid", "7", "-chardev", "socket,id=libxl-cmd,fd=3x,server=on"],
                     ["-xen-domid", "32752"] + chardev, ["-xen-domid", "7"], chardev,
                     ["-xen-domid", "7", "-chardev", "socket,id=libxl-cmd,server=on"],
                     ["-xen-domid", "7", "-incoming", "tcp:1"] + chardev,
                     ["-xen-domid", "7", "-boot", "order=c d"] + chardev,
                     ["-xen-domid", "7", "-boot", "order=" + 16 * "c"] + chardev,
                     chardev + ["-xen-domid", "7", "-reflex-nic"],
                     ["-xen-domid", "7", "-reflex-nic", "ne2k_pci"] + chardev):
            with self.subTest(argv=argv):
                self.start(argv, ready=False)
                self.assertEqual(self.exit_status(), 2)

    def test_prepares_the_domain_before_it_is_announced(self):
        self.start()
        self.assertEqual(self.told, ["enable", "readable reflex", "write reflex/boot-order cd", "running"])

    def test_no_boot_order(self):
        self.start(["-xen-domid", "7", "-chardev", f"socket,id=libxl-cmd,path={self.path},server=on,wait=off"])
        self.assertEqual(self.told, ["enable", "readable reflex", "running"])

    def test_boot_order_among_other_keys(self):
        self.start(self.xl_argv() + ["-boot", "menu=on,order=dcn,strict=on"])
        self.assertEqual(self.told[2], "write reflex/boot-order dcn")

    def test_network_card(self):
        for model in ("e1000", "rtl8139"):
            self.start(self.xl_argv() + ["-reflex-nic", model])
            self.assertEqual(self.told, ["enable", "readable reflex", "write reflex/boot-order cd",
                                         f"write reflex/network-card {model}", "running"])

    def test_display(self):
        # What xl 4.17 makes of vga="stdvga", of vga="cirrus", and of vga="none".
        for device, display in (("VGA,vgamem_mb=16", ["write reflex/display stdvga"]),
                                ("cirrus-vga,vgamem_mb=8", []), ("VGAx", [])):
            self.start(self.xl_argv() + ["-device", device])
            self.assertEqual(self.told, ["enable", "readable reflex", "write reflex/boot-order cd"] + display +
                             ["running"])

    def test_unknown_network_card(self):
        self.start(self.xl_argv() + ["-reflex-nic", "virtio-net"], ready=False)
        self.assertEqual(self.exit_status(), 2)
        self.assertIn("-reflex-nic virtio-net: the network cards are e1000 and rtl8139", self.errors)

    def test_emulated_vif(self):
        # What xl 4.17 makes of vif=["bridge=xenbr0"].
        netdev = "type=tap,id=net0,ifname=vif7.0-emu,br=xenbr0,script=no,downscript=no"
        self.start(self.xl_argv() + ["-device", "rtl8139,id=nic0,netdev=net0,mac=00:16:3e:00:00:01",
                                     "-netdev", netdev], ready=False)
        self.assertEqual(self.exit_status(), 1)
        self.assertEqual(self.xen.recv(256), b"")
        self.assertRegex(self.errors, r'^reflex-dm: [^\n]*type=vif[^\n]*\n$')
        self.assertFalse(os.path.exists(self.path))

    def test_values_that_look_like_options(self):
        self.start(self.xl_argv() + ["-name", "-S", "-append", "-serial", "-kernel", "-boot"])
        self.assertEqual(self.session().result("query-status")["status"], "running")

    def test_socket_made_by_libxl(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.path)
        listener.listen(1)
        fd = listener.fileno()
        self.start(["-xen-domid", "7", "-chardev", f"socket,id=libxl-cmd,fd={fd},server=on,wait=off", "-S"],
                   pass_fds=(fd,))
        listener.close()
        self.assertEqual(self.session().result("query-status")["status"], "prelaunch")

    def test_leftover_socket_is_replaced(self):
        leftover = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        leftover.bind(self.path)
        leftover.close()
        self.start()
        self.session()

    def test_path_too_long(self):
        self.start(["-xen-domid", "7", "-chardev", "socket,id=libxl-cmd,path=/" + 200 * "x"], ready=False)
        self.assertEqual(self.exit_status(), 1)
        self.assertIn("cannot listen", self.errors)


class NoReflection(DeviceModelTest):
    def refused(self, number, words):
        self.start(enable_errno=number, ready=False)
        self.assertEqual(self.exit_status(), 1)
        self.assertEqual(self.xen.recv(256), b"enable\n")
        self.assertEqual(self.xen.recv(256), b"")       # nothing written, not announced
        self.assertIn(words, self.errors)
        self.assertFalse(os.path.exists(self.path))

    def test_stock_xen(self):
        self.refused(errno.EINVAL, "no I/O reflection")

    def test_switched_off(self):
        self.refused(errno.EOPNOTSUPP, "hvm-reflect=1")
        self.refused(errno.ENOSYS, "hvm-reflect=1")

    def test_other(self):
        self.refused(errno.EPERM, "Operation not permitted")


class Dialogues(DeviceModelTest):
    def test_create(self):
        self.start()
        client = self.connect()
        version = client.greeting["QMP"]["version"]["qemu"]
        self.assertGreaterEqual((version["major"], version["minor"]), (2, 12))     # query-cpus-fast, `live`
        self.assertEqual(client.greeting["QMP"]["capabilities"], [])
        self.assertEqual(client.result("qmp_capabilities"), {})
        self.assertEqual(client.result("query-chardev"), [])
        self.assertEqual(client.result("query-vnc"), {"enabled": False})
        client.socket.close()
        self.assertEqual(self.session().result("cont"), {})

    def test_pause_and_unpause(self):
        self.start()
        client = self.session()
        self.assertEqual(client.result("stop"), {})
        self.assertEqual(client.result("query-status"), {"status": "paused", "singlestep": False, "running": False})
        self.assertEqual(client.result("cont"), {})
        self.assertEqual(client.result("query-status"), {"status": "running", "singlestep": False, "running": True})

    def save(self):
        state = os.path.join(self.folder.name, "state")
        client = self.session()
        self.assertEqual([cpu["cpu-index"] for cpu in client.result("query-cpus-fast")], [0, 1, 2])
        self.assertEqual(client.result("xen-set-global-dirty-log", {"enable": True}), {})
        self.assertEqual(client.result("stop"), {})
        with open(state, "wb") as file:
            fdset = client.result("add-fd", fd=file.fileno())
        self.assertEqual(client.result("xen-save-devices-state",
                                       {"live": False, "filename": f"/dev/fdset/{fdset['fdset-id']}"}), {})
        client.socket.close()
        return state

    def test_save_and_restore(self):
        self.start(vcpus=3)
        state = self.save()
        self.assertGreater(os.path.getsize(state), 0)
        with open(state, "rb") as file:
            self.start(self.xl_argv() + ["-incoming", f"fd:{file.fileno()}"], pass_fds=(file.fileno(),))
        client = self.session()
        self.assertEqual(client.result("query-chardev"), [])
        self.assertEqual(client.result("cont"), {})

    def test_restore_with_socket_made_by_libxl(self):
        self.start(vcpus=3)
        with open(self.save(), "rb") as file:
            self.start(self.xl_argv() + ["-S", "-incoming", f"fd:{file.fileno()}"], pass_fds=(file.fileno(),))
        self.assertEqual(self.session().result("query-status")["status"], "paused")

    def test_restore_of_another_device_models_state(self):
        for content in (b"QEVM\0\0\0\3" + 100 * b"x", b"", b"reflex"):
            with self.subTest(content=content):
                read_end, write_end = os.pipe()
                os.write(write_end, content)
                os.close(write_end)
                self.start(self.xl_argv() + ["-incoming", f"fd:{read_end}"], pass_fds=(read_end,), ready=False)
                os.close(read_end)
                self.assertEqual(self.exit_status(), 1)
                self.assertIn("another device model", self.errors)

    def test_destroy(self):
        for number in (signal.SIGHUP, signal.SIGTERM):
            self.start()
            self.session()
            self.process.send_signal(number)
            self.assertEqual(self.exit_status(), 0)
            self.assertEqual(self.errors, "")

    def test_death_of_the_domain(self):
        self.start()
        client = self.session()
        self.xen.send(b"release alive\n")
        self.assertEqual(client.result("cont"), {})
        self.xen.send(b"release dead\n")
        self.assertEqual(self.exit_status(), 0)

    def test_xenstore_is_lost(self):
        self.start()
        self.xen.close()
        self.assertEqual(self.session().result("cont"), {})

    def test_several_connections_at_once(self):
        self.start()
        clients = [self.session() for _ in range(8)]
        waiting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        waiting.connect(self.path)
        clients.pop().socket.close()
        self.assertTrue(waiting.recv(16))       # a place became free
        waiting.close()
        for client in clients:
            self.assertEqual(client.result("cont"), {})

    def test_no_processor_time_while_idle(self):
        self.start()
        clients = [self.session() for _ in range(8)]
        waiting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        waiting.connect(self.path)
        before = self.processor_ticks()
        self.assertEqual(select.select([waiting] + [client.socket for client in clients], [], [], 0.5), ([], [], []))
        self.assertLessEqual(self.processor_ticks() - before, 2)
        waiting.close()

    def test_statistics_socket(self):
        self.start()
        client = Client(os.path.join(self.folder.name, "qmp-libxenstat-7"))
        client.socket.sendall(b'{ "execute": "qmp_capabilities" }{ "execute": "query-blockstats" }')    # no line ends
        self.assertEqual(client.answer(), {"return": {}})
        self.assertEqual(client.answer()["error"]["class"], "CommandNotFound")
        client.socket.close()


class EventsWithoutEnd(DeviceModelTest):
    """A domain makes events as fast as they are handled: xl is heard all the same."""

    def test_events_without_end(self):
        for event in ("console /dev/pts/3", "frontend device/vbd/5632/x 1", "frontend device/vif/0/x 1", "ring 107",
                      "release alive"):
            with self.subTest(event=event):
                self.start(self.xl_argv() + ["-drive", "if=none,readonly=on,id=ide-5632"])
                self.xen.send(f"for ever {event}\n".encode())
                self.assertEqual(self.session().result("cont"), {})
                self.process.terminate()
                self.exit_status()


class Serial(DeviceModelTest):
    def test_terminal_before_create_asks(self):
        self.start()
        client = self.session()
        self.xen.send(b"console /dev/pts/3\n")
        self.assertEqual(client.result("query-chardev"),
                         [{"label": "serial0", "filename": "pty:/dev/pts/3", "frontend-open": True}])
        self.assertEqual(self.xen_says(), "write serial/0/tty /dev/pts/3")

    def test_terminal_after_create_asked(self):
        self.start()
        self.assertEqual(self.session().result("query-chardev"), [])
        self.xen.send(b"console /dev/pts/3\n")
        self.assertEqual(self.xen_says(), "write serial/0/tty /dev/pts/3")

    def test_written_again_only_when_it_changes(self):
        self.start()
        for tty in (b"/dev/pts/3", b"/dev/pts/3", b"/dev/pts/4"):
            self.xen.send(b"console " + tty + b"\n")
        self.assertEqual(self.xen_says(), "write serial/0/tty /dev/pts/3")
        self.assertEqual(self.xen_says(), "write serial/0/tty /dev/pts/4")

    def test_no_serial_port(self):
        argv = self.xl_argv()
        index = argv.index("-serial")
        self.start(argv[:index] + argv[index + 2:])
        self.xen.send(b"console /dev/pts/3\n")
        self.assertEqual(self.session().result("query-chardev"), [])
        self.process.terminate()
        self.assertEqual(self.exit_status(), 0)
        self.assertEqual(self.xen.recv(256), b"")

    def test_other_serial_ports_are_unplugged(self):
        self.start(self.xl_argv() + ["-serial", "pty", "-serial", "none", "-serial", "file:/tmp/x", "-serial", "null"])
        self.assertEqual(self.told[-2], "write reflex/serial-ports 24")
        self.process.terminate()
        self.assertEqual(self.exit_status(), 0)
        self.assertIn("-serial pty: serial port 1 has nothing plugged in", self.errors)
        self.assertIn("-serial file:/tmp/x: serial port 3 has nothing plugged in", self.errors)
        self.assertIn("-serial null: ignored; there are 4 serial ports", self.errors)

    def test_first_serial_port_can_only_be_a_pty(self):
        argv = self.xl_argv()
        argv[argv.index("-serial") + 1] = "null"
        self.start(argv + ["-serial", "none"])
        self.assertNotIn("serial-ports", "".join(self.told))
        self.xen.send(b"console /dev/pts/3\n")
        self.assertEqual(self.session().result("query-chardev"), [])
        self.process.terminate()
        self.assertEqual(self.exit_status(), 0)
        self.assertIn("-serial null: ignored; the first serial port is a pty", self.errors)


class Protocol(DeviceModelTest):
    def setUp(self):
        super().setUp()
        self.start()

    def test_negotiation_comes_first(self):
        client = self.connect()
        self.assertEqual(client.error("cont")["class"], "CommandNotFound")
        self.assertEqual(client.error("nonsense")["class"], "CommandNotFound")
        self.assertEqual(client.result("qmp_capabilities"), {})
        self.assertEqual(client.result("cont"), {})

    def test_unknown_command(self):
        for command in ("device_add", "", 1000 * "x", "query-cpus-fas"):
            self.assertEqual(self.session().error(command)["class"], "CommandNotFound")

    def test_id_is_echoed_as_it_is(self):
        client = self.session()
        for identity in (0, "a\u20ac\"", [1, {"b": None}], None):
            client.socket.sendall(json.dumps({"execute": "cont", "id": identity}).encode())
            self.assertEqual(client.answer(), {"return": {}, "id": identity})
        client.socket.sendall(b'{"execute":"cont"}')
        self.assertEqual(client.answer(), {"return": {}})

    def test_split_at_every_byte(self):
        client = self.session()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        request = (' {"execute": "xen-set-global-dirty-log", "arguments": '
                   '{"x": "}\\"{\u20ac", "y": [true, -1.5e3]}, "id": 1}\r\n').encode()
        for cut in range(1, len(request)):
            client.socket.sendall(request[:cut])
            self.connect().socket.close()       # the program has read the first part by now
            client.socket.sendall(request[cut:])
            self.assertEqual(client.answer(), {"return": {}, "id": 1})

    def test_two_requests_in_one_packet(self):
        client = self.session()
        client.socket.sendall(b'{"execute":"stop","id":1}\n\n{"execute":"cont","id":2}{"execute":"query-st')
        self.assertEqual([client.answer()["id"] for _ in range(2)], [1, 2])
        client.socket.sendall(b'atus","id":3}')
        self.assertEqual(client.answer()["id"], 3)

    def test_malformed_input_ends_the_connection_only(self):
        other = self.session()
        for text in (b"x", b"[]", b"5", b'"execute"', b"}", b'{"execute":}', b'{"execute":"cont",}', b"{]", b"{'a':1}",
                     b'{"execute":"cont","execute":"stop"}', b'{"execute":"\xff"}', b'{"execute":"a\nb"}', b"{\0}",
                     b"{" + 1000 * b"[" + 1000 * b"]" + b"}", b'{"a":' + 1500 * b"[" + 1500 * b"]" + b"x}"):
            with self.subTest(text=text):
                client = self.session()
                client.socket.sendall(text)
                self.assertEqual(client.answer()["error"]["class"], "GenericError")
                self.assertTrue(client.closed())
        self.assertEqual(other.result("cont"), {})

    def test_objects_that_are_no_requests(self):
        client = self.session()
        for text in (b"{}", b'{"execute":1}', b'{"exec":"cont"}', b'{"execute":"cont","arguments":[]}',
                     b'{"execute":"cont","arguments":null}'):
            client.socket.sendall(text)
            self.assertEqual(client.answer()["error"]["class"], "GenericError")
        self.assertEqual(client.result("cont"), {})

    def test_endless_request(self):
        client = self.session()
        client.socket.sendall(b'{"execute": "' + 4083 * b"x")
        self.assertIn("too long", client.answer()["error"]["desc"])
        self.assertTrue(client.closed())
        self.session()

    def test_longest_request(self):
        client = self.session()
        request = b'{"execute":"cont","arguments":{"x":"%s"}}'
        client.socket.sendall(request % ((4095 - len(request) + 2) * b"x"))
        self.assertEqual(client.answer(), {"return": {}})

    def test_client_that_never_reads(self):
        client = self.session()
        client.socket.setblocking(False)
        try:
            for _ in range(100000):
                client.socket.send(b'{"execute":"query-status"}')
            self.fail("answers pile up somewhere")
        except (BrokenPipeError, ConnectionResetError, BlockingIOError):
            pass
        self.session()

    def test_file_descriptors(self):
        self.assertIn("No file descriptor", self.session().error("add-fd")["desc"])
        self.assertIn("filename", self.session().error("xen-save-devices-state")["desc"])
        self.assertIn("filename", self.session().error("xen-save-devices-state", {"filename": 1})["desc"])
        self.assertIn("set", self.session().error("xen-save-devices-state", {"filename": "/dev/fdset/0"})["desc"])
        with open(os.devnull, "rb") as read_only:
            client = self.session()
            client.result("add-fd", fd=read_only.fileno())
            self.assertIn("set", client.error("xen-save-devices-state", {"filename": "/etc/passwd"})["desc"])
            self.assertIn("written", client.error("xen-save-devices-state", {"filename": "/dev/fdset/1"})["desc"])
            self.assertIn("No file descriptor", client.error("add-fd")["desc"])
            self.assertEqual(client.result("add-fd", fd=read_only.fileno())["fdset-id"], 2)

    def test_no_descriptor_is_left_behind(self):
        before = self.open_descriptors()
        with open(os.devnull, "wb") as null:
            for _ in range(3):
                client = self.session()
                for _ in range(3):
                    client.result("add-fd", fd=null.fileno())
                    client.result("cont", fd=null.fileno())
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", 5 * [null.fileno()]))]
                client.socket.sendmsg([b" "], rights)
                client.result("cont")
                client.socket.close()
        last = self.session()       # everything before it has been handled
        self.assertEqual(self.open_descriptors(), before + 1)
        last.socket.close()


class Drives(DeviceModelTest):
    """A CD drive: the frontend's side of its ring, written and read as the firmware does, and xl's cd-insert."""

    PAGES = 16          # page 1 is the ring, the others are for data
    RING, REQUEST, MEDIUM = 4096, struct.Struct("<BBHQQ"), 4096 + 4032

    def setUp(self):
        super().setUp()
        self.images = [self.image(name, blocks) for name, blocks in (("a", 8), ("b", 5))]
        path = os.path.join(self.folder.name, "memory")
        with open(path, "wb") as file:
            file.truncate(self.PAGES * 4096)
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.addCleanup(self.memory.close)
        os.environ["GUEST_MEMORY"] = path
        self.addCleanup(os.environ.pop, "GUEST_MEMORY")
        self.produced = 0

    def image(self, name, blocks):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(os.urandom(blocks * 2048 + 700))         # the rest is no block
        with open(path, "rb") as file:
            return path, file.read()

    def start_with(self, *drives):
        argv = self.xl_argv()
        for drive in drives:
            argv += ["-drive", "if=none,readonly=on,id=" + drive, "-device", "ide-cd,id=x,drive=x,bus=ide.1,unit=0"]
        self.start(argv)

    def number(self, at):
        return struct.unpack_from("<I", self.memory, at)[0]

    def put(self, at, number):
        struct.pack_into("<I", self.memory, at, number)

    def connect_frontend(self, protocol="x86_32-abi"):
        for node, value in (("ring-ref", 1), ("event-channel", 7), ("protocol", protocol), ("state", 3)):
            self.xen.send(f"frontend device/vbd/5632/{node} {value}\n".encode())

    def wait_for(self, line):
        while self.xen_says() != line:
            pass

    def connected(self):
        self.start_with(f"ide-5632,file={self.images[0][0]},format=raw")
        self.connect_frontend()
        self.wait_for("backend 5632 state 4")

    def request(self, operation, sector, segments):
        """Puts one on the ring and returns the answer's status; segments: (reference, first, last sector)."""
        at = self.RING + 64 + self.produced % 32 * 108
        self.REQUEST.pack_into(self.memory, at, operation, len(segments), 0, 0x1234567890 + self.produced, sector)
        for i, (ref, first, last) in enumerate(segments[:11]):
            struct.pack_into("<IBBH", self.memory, at + 20 + i * 8, ref, first, last, 0)
        self.produced += 1
        self.put(self.RING + 12, self.produced)                 # rsp_event
        self.put(self.RING, self.produced)
        self.xen.send(b"ring 107\n")
        self.wait_for("notify 107")
        self.assertEqual(self.number(self.RING + 8), self.produced)
        number, echo, _, status = struct.unpack_from("<QBBh", self.memory, at)
        self.assertEqual((number, echo), (0x1234567890 + self.produced - 1, operation))
        return status

    def test_connects(self):
        self.connected()
        self.assertEqual([line for line in self.told if line.startswith("backend")],
                         ["backend 5632 state 2", "backend 5632 sectors 32", "backend 5632 sector-size 512",
                          "backend 5632 info 7", "backend 5632 feature-medium 1", "backend 5632 state 4"])
        self.assertLess(self.told.index("backend 5632 state 2"), self.told.index("running"))
        self.assertEqual(self.number(self.MEDIUM), 8)

    def test_reads(self):
        self.connected()
        content = self.images[0][1]
        self.assertEqual(self.request(0, 3, [(2, 0, 7), (3, 2, 4)]), 0)
        self.assertEqual(self.memory[8192:12288], content[3 * 512:11 * 512])
        self.assertEqual(self.memory[12288 + 1024:12288 + 2560], content[11 * 512:14 * 512])
        for _ in range(70):                                     # around the ring
            self.assertEqual(self.request(0, 31, [(4, 0, 0)]), 0)
        self.assertEqual(self.memory[4 * 4096:4 * 4096 + 512], content[31 * 512:32 * 512])

    def test_refuses(self):
        self.connected()
        page = (2, 0, 7)
        for what in ((0, 32, [page]), (0, 25, [page]), (0, 2 ** 64 - 1, [page]), (0, 0, [(2, 3, 2)]),
                     (0, 0, [(2, 0, 8)]), (0, 0, [page] * 12), (0, 0, [(0, 0, 7)]), (1, 0, [page])):
            with self.subTest(what=what):
                self.assertEqual(self.request(*what), -1)
        self.assertEqual(self.request(3, 0, []), -2)
        self.assertEqual(self.request(0, 24, [page]), 0)

    def test_each_by_itself(self):
        """An event makes work of its own drive's, and of no other's."""
        self.start_with(f"ide-5632,file={self.images[0][0]},format=raw",
                        f"ide-768,file={self.images[1][0]},format=raw")
        self.connect_frontend()
        self.wait_for("backend 5632 state 4")
        for node, value in (("ring-ref", 3), ("event-channel", 8), ("protocol", "x86_32-abi"), ("state", 3)):
            self.xen.send(f"frontend device/vbd/768/{node} {value}\n".encode())
        self.wait_for("backend 768 state 4")
        other = self.RING + 2 * 4096
        self.put(other + 12, 1)
        self.put(other, 1)                                      # a request there, not announced
        self.assertEqual(self.request(3, 0, []), -2)
        self.assertEqual(self.number(other + 8), 0)
        self.xen.send(b"ring 108\n")
        self.wait_for("notify 108")
        self.assertEqual(self.number(other + 8), 1)
        self.xen.send(b"frontend device/vbd/5632/state 5\n")
        self.wait_for("backend 5632 state 5")
        self.xen.send(b"frontend device/vbd/768/state 5\n")
        self.assertEqual(self.xen_says(), "backend 768 state 5")

    def test_a_ring_that_cannot_be(self):
        self.connected()
        self.put(self.RING, 33)
        self.xen.send(b"ring 107\n")
        self.wait_for("unmap")
        self.xen.send(b"ring 107\n")
        self.session()

    def test_closes_and_connects_again(self):
        self.connected()
        for state in (5, 6):
            self.xen.send(f"frontend device/vbd/5632/state {state}\n".encode())
            self.wait_for(f"backend 5632 state {state}")
        self.assertIn("unmap", self.told)
        self.xen.send(b"frontend device/vbd/5632/state 1\n")
        self.wait_for("backend 5632 state 2")
        self.xen.send(b"frontend device/vbd/5632/state 3\n")
        self.wait_for("backend 5632 state 4")

    def test_another_frontend(self):
        self.start_with("ide-5632")
        self.connect_frontend("x86_64-abi")
        self.xen.send(b"console /dev/pts/9\n")                  # the last of the events
        self.wait_for("write serial/0/tty /dev/pts/9")
        self.process.send_signal(signal.SIGTERM)
        self.exit_status()
        self.assertIn("none of ours", self.errors)

    def test_few_words_for_many_errors(self):
        self.start_with("ide-5632")
        for _ in range(20):
            self.connect_frontend("x86_64-abi")
        self.xen.send(b"console /dev/pts/9\n")
        self.wait_for("write serial/0/tty /dev/pts/9")
        self.process.send_signal(signal.SIGTERM)
        self.exit_status()
        self.assertEqual(self.errors.count("none of ours"), 8)

    def test_images_that_cannot_be_read(self):
        small = os.path.join(self.folder.name, "small")
        with open(small, "wb") as file:
            file.write(2047 * b"x")
        self.start_with("ide-768,file=/nowhere,format=raw", f"ide-832,file={small},format=raw",
                        f"ide-5632,file={self.images[0][0]},format=qcow2", "ide-5696")
        self.connect_frontend()
        self.wait_for("backend 5632 sectors 0")
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.exit_status(), 0)
        self.assertEqual(self.errors.count("starts empty"), 3)

    def insert(self, client, which, **more):
        with open(self.images[which][0], "rb") as file:
            fdset = client.result("add-fd", {"opaque": "raw:x"}, fd=file.fileno())["fdset-id"]
        arguments = {"id": "ide-5632", "filename": f"/dev/fdset/{fdset}", "format": "raw", **more}
        return client.execute("blockdev-change-medium", arguments)

    def test_cd_eject_and_cd_insert(self):
        self.connected()
        client = self.session()
        self.assertEqual(client.result("query-version")["qemu"]["major"], 7)
        self.assertEqual(client.result("eject", {"id": "ide-5632"}), {})
        self.wait_for("notify 107")
        self.assertEqual((self.number(self.MEDIUM), self.number(self.MEDIUM + 4)), (0, 1))
        self.assertEqual(self.request(0, 0, [(2, 0, 7)]), -1)
        self.assertEqual(client.result("eject", {"id": "ide-5632"}), {})        # nothing in it
        self.assertEqual(self.number(self.MEDIUM + 4), 1)
        self.assertEqual(self.insert(client, 1), {"return": {}})
        client.socket.close()
        self.wait_for("notify 107")
        self.assertEqual((self.number(self.MEDIUM), self.number(self.MEDIUM + 4)), (5, 2))
        self.assertEqual(self.request(0, 4, [(2, 0, 7)]), 0)
        self.assertEqual(self.memory[8192:12288], self.images[1][1][2048:2048 + 4096])

    def test_insert_before_the_frontend(self):
        self.start_with("ide-5632")
        client = self.session()
        self.assertEqual(self.insert(client, 0), {"return": {}})
        self.connect_frontend()
        self.wait_for("backend 5632 sectors 32")

    def test_refused_media(self):
        self.connected()
        client = self.session()
        self.assertIn("error", self.insert(client, 1, id="ide-768"))
        self.assertIn("error", self.insert(client, 1, format="vpc"))
        self.assertIn("error", self.insert(client, 1, filename="/dev/fdset/99"))
        self.assertIn("not found", client.error("eject", {"id": "ide-768"})["desc"])
        self.assertIn("not found", client.error("eject")["desc"])
        with open(os.devnull, "rb") as null:
            fdset = client.result("add-fd", fd=null.fileno())["fdset-id"]
        client.error("blockdev-change-medium", {"id": "ide-5632", "filename": f"/dev/fdset/{fdset}"})
        self.assertEqual(self.number(self.MEDIUM + 4), 0)
        self.assertEqual(self.request(0, 24, [(2, 0, 7)]), 0)

    def test_locked_by_the_guest(self):
        self.connected()
        self.put(self.MEDIUM + 32, 1)
        client = self.session()
        self.assertIn("locked", client.error("eject", {"id": "ide-5632"})["desc"])
        self.wait_for("notify 107")
        self.assertEqual((self.number(self.MEDIUM), self.number(self.MEDIUM + 8)), (8, 1))
        self.put(self.MEDIUM + 32, 0)
        self.assertEqual(client.result("eject", {"id": "ide-5632"}), {})

    def test_nothing_is_left_behind(self):
        self.connected()
        before = self.open_descriptors()
        for i in range(6):
            client = self.session()
            client.result("eject", {"id": "ide-5632"})
            self.assertEqual(self.insert(client, i % 2), {"return": {}})
            client.socket.close()
        client = self.session()
        self.assertEqual(self.open_descriptors(), before + 1)
        client.socket.close()


class NetworkInterfaces(DeviceModelTest):
    """xl network-detach and network-attach: between a backend, which looks at xenstore, and the firmware, which looks
    at its record (src/xen/link.h).  The test is both."""
    CONNECTED, GONE, OFFERED = range(3)
    WISH, NUMBER, FEATURES, STATE, TX, RX, PORT = 0, 4, 8, 32, 36, 40, 44
    MAC = "00:16:3e:0a:0b:0c"

    def setUp(self):
        super().setUp()
        path = os.path.join(self.folder.name, "memory")
        with open(path, "wb") as file:
            file.truncate(16 * 4096)
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.addCleanup(self.memory.close)
        os.environ["GUEST_MEMORY"] = path
        self.addCleanup(os.environ.pop, "GUEST_MEMORY")

    def get(self, offset, ref=5):
        return struct.unpack_from("<I", self.memory, ref * 4096 + offset)[0]

    def put(self, offset, value, ref=5):
        struct.pack_into("<I", self.memory, ref * 4096 + offset, value)

    def node(self, number, leaf, value, backend=False):
        folder = "backend" if backend else "device"
        self.xen.sendall(f"frontend {folder}/vif/{number}/{leaf} {value}\n".encode())

    def plug(self, number, mac=MAC, domain=0):
        """As libxl and Linux' netback do."""
        self.node(number, "mac", mac)
        self.node(number, "backend-id", domain)
        self.node(number, "state", 1)
        for feature in ("sg", "gso-tcpv4", "ipv6-csum-offload"):
            self.node(number, "feature-" + feature, 1, backend=True)
        self.node(number, "state", 2, backend=True)

    def connect_first(self, **kwargs):
        self.start()
        self.connect_interface(**kwargs)

    def connect_interface(self, number=0, ref=5, **kwargs):
        self.plug(number, **kwargs)
        self.node(number, "state", 4)
        self.node(number, "state", 4, backend=True)
        self.node(number, "reflex-link-ref", ref)
        self.node(number, "reflex-link-port", 9)

    def firmware_follows(self, state):
        self.put(self.STATE, state)
        self.xen.sendall(b"ring 109\n")

    def says(self, expected):
        self.assertEqual(self.xen_says(), expected)

    def detach(self, number):
        self.node(number, "state", 5, backend=True)
        self.says(f"write device/vif/{number}/state 6")
        self.node(number, "state", 6)
        self.node(number, "state", 6, backend=True)
        self.says("notify 109")
        self.assertEqual(self.get(self.WISH), self.GONE)
        for leaf in ("state", "mac", "backend-id", "reflex-link-ref", "reflex-link-port"):
            self.node(number, leaf, "gone")
        self.node(number, "state", "gone", backend=True)

    def attach(self, number):
        self.plug(number)
        self.says("notify 109")
        self.assertEqual((self.get(self.WISH), self.get(self.NUMBER)), (self.OFFERED, number))
        for offset, value in ((self.TX, 700), (self.RX, 701), (self.PORT, 33)):
            self.put(offset, value)
        self.firmware_follows(self.OFFERED)
        for leaf, value in (("tx-ring-ref", 700), ("rx-ring-ref", 701), ("event-channel", 33),
                            ("request-rx-copy", 1), ("feature-rx-notify", 1), ("feature-sg", 1),
                            ("feature-ipv6-csum-offload", 1), ("state", 4)):
            self.says(f"write device/vif/{number}/{leaf} {value}")
        self.node(number, "state", 4)
        self.node(number, "state", 4, backend=True)
        self.says(f"write device/vif/{number}/state 3")         # where it rests
        self.says("notify 109")
        self.assertEqual((self.get(self.WISH), self.get(self.FEATURES)), (self.CONNECTED, 0x01 | 0x04 | 0x08))
        self.firmware_follows(self.CONNECTED)

    def test_detached_and_attached(self):
        self.connect_first()
        for number in (0, 3, 0):
            self.detach(number)
            self.firmware_follows(self.GONE)
            self.attach({0: 3, 3: 0}[number])

    def test_each_by_itself(self):
        self.connect_first()
        self.node(0, "state", 5, backend=True)
        self.says("write device/vif/0/state 6")             # and again, whenever it is looked at
        self.node(1, "mac", "00:16:3e:0a:0b:0d")
        self.xen.sendall(b"ring 110\n")
        self.xen.sendall(b"console /dev/pts/9\n")
        self.says("write serial/0/tty /dev/pts/9")
        self.xen.sendall(b"ring 109\n")
        self.says("write device/vif/0/state 6")

    def test_attached_before_the_firmware_has_let_go(self):
        self.connect_first()
        self.detach(0)
        self.plug(1)
        self.firmware_follows(self.GONE)
        self.says("notify 109")
        self.assertEqual((self.get(self.WISH), self.get(self.NUMBER)), (self.OFFERED, 1))

    def test_gone_before_it_has_connected(self):
        self.connect_first()
        self.detach(0)
        self.firmware_follows(self.GONE)
        self.plug(1)
        self.says("notify 109")
        self.detach(1)
        self.firmware_follows(self.GONE)
        self.attach(1)

    def test_another_address_is_another_card(self):
        self.connect_first()
        self.detach(0)
        self.firmware_follows(self.GONE)
        self.plug(1, mac="00:16:3e:0a:0b:0d")
        self.plug(2)
        self.says("notify 109")
        self.assertEqual(self.get(self.NUMBER), 2)

    def test_backend_in_another_domain(self):
        self.connect_first(domain=3)
        self.node(0, "state", "gone", backend=True)
        self.node(1, "state", "gone")
        self.xen.sendall(b"console /dev/pts/9\n")
        self.says("write serial/0/tty /dev/pts/9")

    def test_record_that_cannot_be_mapped_at_first(self):
        self.start()
        for leaf, value in (("mac", self.MAC), ("backend-id", 0), ("reflex-link-ref", 5), ("reflex-link-port", 200000)):
            self.node(0, leaf, value)
        self.connect_interface()
        self.node(0, "state", 5, backend=True)
        while self.xen_says() != "write device/vif/0/state 6":
            self.assertEqual(self.told[-1], "unmap")            # once more with each change

    def test_interface_without_a_link_from_the_start(self):
        self.put(self.WISH, self.GONE)
        self.put(self.STATE, self.GONE)
        self.connect_first()
        self.attach(1)


class Screen(DeviceModelTest):
    """vnc=1: the nodes, the port, and a reflex-vnc that writes down what it is given, and can be told to end."""

    SERVER = """#!/usr/bin/env python3
import os, socket, sys
with open(os.path.dirname(sys.argv[0]) + "/log", "a", buffering=1) as log:
    listener, control = (socket.socket(fileno=int(word)) for word in sys.argv[2:4])
    print("start", *sys.argv[1:2], *sys.argv[4:], listener.getsockname()[1], len(os.listdir("/proc/self/fd")), file=log)
    while True:
        message = control.recv(100)
        print("password", message.decode(), file=log)
        if not message:
            break
        if message.startswith(b"die"):
            os._exit(3)
"""

    def setUp(self):
        super().setUp()
        self.program = os.path.join(self.folder.name, "reflex-dm")
        self.server = os.path.join(self.folder.name, "reflex-vnc")
        self.log = os.path.join(self.folder.name, "log")
        shutil.copy(PROGRAM, self.program)
        with open(self.server, "w") as file:
            file.write(self.SERVER)
        os.chmod(self.server, 0o755)

    def start_with(self, vnc, **how):
        argv = self.xl_argv()
        argv[argv.index("-vnc") + 1] = vnc
        self.start(argv, **how)

    def lines(self, count):
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            if os.path.exists(self.log):
                with open(self.log) as file:
                    lines = file.read().splitlines()
                if len(lines) >= count:
                    return lines
            time.sleep(0.01)
        self.fail(f"{count} lines never came")

    @staticmethod
    def free_display():
        for display in range(2000, 3000):
            try:
                socket.create_server(("127.0.0.1", 5900 + display)).close()
                return display
            except OSError:
                pass

    def test_no_screen(self):
        self.start()
        self.assertNotIn("screen", self.told)
        self.assertEqual(self.session().error("change-vnc-password", {"password": "x"})["class"], "GenericError")
        self.assertFalse(os.path.exists(self.log))

    def test_screen(self):
        display = self.free_display()
        self.start_with(f"127.0.0.1:{display},to=99")
        self.assertIn("screen", self.told)
        answer = self.session().result("query-vnc")
        self.assertEqual((answer["enabled"], answer["host"], answer["service"], answer["auth"]),
                         (True, "127.0.0.1", str(5900 + display), "none"))
        self.assertEqual(self.lines(1)[0].split()[:3], ["start", "7", str(5900 + display)])
        self.assertLessEqual(int(self.lines(1)[0].split()[3]), 7)   # 0 to 2, its two, the log and the folder
        socket.create_connection(("127.0.0.1", 5900 + display)).close()

    def test_next_free_display(self):
        display = self.free_display()
        with socket.create_server(("127.0.0.1", 5900 + display)):
            self.start_with(f"127.0.0.1:{display},to={display + 50}")
            self.assertGreater(int(self.session().result("query-vnc")["service"]), 5900 + display)

    def test_no_display_is_free(self):
        display = self.free_display()
        with socket.create_server(("127.0.0.1", 5900 + display)):
            self.start_with(f"127.0.0.1:{display}", ready=False)
            self.assertEqual(self.exit_status(), 1)
        self.assertIn("viewers cannot come", self.errors)

    def test_addresses(self):
        display = self.free_display()
        for address, host in (("0.0.0.0", "0.0.0.0"), ("localhost", "127.0.0.1"), ("[::1]", "::1"), ("", "")):
            with self.subTest(address=address):
                self.start_with(f"{address}:{display},to={display + 50}")
                self.assertEqual(self.session().result("query-vnc")["host"], host)
                self.stop(self.process, self.xen)

    def test_places_that_are_none(self):
        for vnc in ("127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "1.2.3.4.5:1", ":1,to=99999",
                    "x" * 80 + ":1"):
            with self.subTest(vnc=vnc):
                self.start_with(vnc, ready=False)
                self.assertIn(self.exit_status(), (1, 2))
                self.assertTrue(self.errors)

    def test_password(self):
        self.start_with(f"127.0.0.1:{self.free_display()},password=on,to=9999")
        self.assertEqual(self.lines(1)[0].split()[:3], ["start", "7", "password"])
        client = self.session()
        self.assertEqual(client.result("query-vnc")["auth"], "vnc")
        self.assertEqual(client.result("change-vnc-password", {"password": "secret"}), {})
        self.assertEqual(self.lines(2)[1], "password secret")
        self.assertEqual(client.error("change-vnc-password", {})["class"], "GenericError")
        self.assertEqual(client.error("change-vnc-password", {"password": ""})["class"], "GenericError")
        self.assertEqual(client.result("change-vnc-password", {"password": "another"}), {})
        self.assertEqual(self.lines(3)[2], "password another")

    def test_who_needs_a_password(self):
        display = self.free_display()
        for options, auth in ((",password", "vnc"), (",password,x=y", "vnc"), (",password=on", "vnc"),
                              (",password=yes", "vnc"), (",password=off", "none"), (",passwords", "none"),
                              (",", "none"), ("", "none")):
            with self.subTest(options=options):
                self.start_with(f"127.0.0.1:{display},to={display + 50}{options}")
                self.assertEqual(self.session().result("query-vnc")["auth"], auth)
                self.stop(self.process, self.xen)

    def test_server_that_dies(self):
        self.start_with(f"127.0.0.1:{self.free_display()},password=on,to=9999")
        client = self.session()
        service = client.result("query-vnc")["service"]
        client.result("change-vnc-password", {"password": "die"})
        lines = self.lines(2 * 6)                       # it dies of the password each time, and then no more
        self.assertEqual(lines, [lines[0], "password die"] * 6)
        self.assertEqual(client.result("query-vnc")["service"], service)
        while "no screen any more" not in self.process.stderr.readline():
            pass
        self.assertEqual(client.result("cont"), {})

    def test_server_that_is_not_there(self):
        os.unlink(self.server)
        self.start_with(f"127.0.0.1:{self.free_display()},to=9999")
        self.session().result("cont")
        while "no screen any more" not in self.process.stderr.readline():
            pass

    def test_it_ends_with_us(self):
        for number in (signal.SIGHUP, signal.SIGKILL):
            self.start_with(f"127.0.0.1:{self.free_display()},to=9999")
            self.lines(1)
            self.process.send_signal(number)
            self.assertEqual(self.lines(2)[1], "password ")     # the end of the connection
            os.unlink(self.log)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
