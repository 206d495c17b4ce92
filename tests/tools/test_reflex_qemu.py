#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""reflex-qemu against a simulated Xen and a stand-in for QEMU: what each is given of stock xl's command line.

usage: test_reflex_qemu.py PROGRAM [unittest options]     PROGRAM is reflex-qemu linked with simulated_xen.c
"""
import errno
import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest

PROGRAM = None
TIMEOUT = 20        # seconds until a test gives up waiting for anything

# Says how it was started, and that its descriptors are what they were.
QEMU = """#!/usr/bin/env python3
import json, os, sys
print(json.dumps({"argv": sys.argv, "pid": os.getpid(), "fds": len(os.listdir("/proc/self/fd"))}))
"""

IDE = "file=/dev/loop0,if=ide,index=0,media=disk,format=raw,cache=writeback"
CD_DRIVE = "if=none,readonly=on,id=ide-5632,file=/dev/loop1,format=raw"
CD = "ide-cd,id=ide-5632,drive=ide-5632,bus=ide.1,unit=0"
SCSI_DRIVE = "file=/dev/loop2,if=none,id=scsi0-hd0,format=raw,cache=writeback"
SCSI = "scsi-hd,drive=scsi0-hd0,scsi-id=0"
AHCI_DRIVE = "file=/dev/loop3,if=none,id=ahcidisk-0,format=raw,cache=writeback"
AHCI = "ide-hd,bus=ahci0.0,unit=0,drive=ahcidisk-0"


class WrapperTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.qemu = os.path.join(folder.name, "qemu")
        with open(self.qemu, "w") as file:
            file.write(QEMU)
        os.chmod(self.qemu, 0o755)

    def xl_argv(self, own=(), disks=("-drive", IDE)):
        """What xl 4.17 makes of a domain with device_model_args=own, in its order."""
        return ["-xen-domid", "7", "-no-shutdown",
                "-chardev", "socket,id=libxl-cmd,path=/nowhere/qmp-libxl-7,server=on,wait=off",
                "-mon", "chardev=libxl-cmd,mode=control", "-nodefaults", "-no-user-config", "-name", "guest",
                "-vnc", "none", "-display", "none", "-serial", "pty", "-device", "VGA,vgamem_mb=16",
                "-boot", "order=cd", "-smp", "2,maxcpus=2", "-net", "none", "-machine", "xenfv,suppress-vmdesc=on",
                *own, "-reflex-qemu", self.qemu, "-m", "496", *disks]

    def run_it(self, argv, enable_errno=0, pass_fds=()):
        """Runs the program until QEMU's end (a keeper may live on): its status, and QEMU's account or None."""
        self.xen, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.xen.settimeout(TIMEOUT)
        self.addCleanup(self.xen.close)
        environment = dict(os.environ, SIMULATED_XEN=str(theirs.fileno()), ENABLE_ERRNO=str(enable_errno), VCPUS="2")
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen([PROGRAM, *argv], env=environment, pass_fds=(theirs.fileno(), *pass_fds),
                                       stdout=output, stderr=errors)
            theirs.close()
            status = process.wait(TIMEOUT)
            output.seek(0)
            errors.seek(0)
            self.errors = errors.read()
            text = output.read()
        account = json.loads(text) if text else None
        if account:
            self.assertEqual(account["pid"], process.pid)       # it became QEMU: libxl signals this process
        return status, account

    def told(self, count):
        return [self.xen.recv(256).decode().rstrip("\n") for _ in range(count)]

    def nothing_more_is_told(self):
        self.assertEqual(self.xen.recv(256), b"")       # nobody has the other end any more

    def qemus(self, argv):
        status, account = self.run_it(argv)
        self.assertEqual(status, 0, self.errors)
        self.assertEqual(account["argv"][0], self.qemu)
        return account["argv"][1:]

    def expected(self, **kwargs):
        """The line without what is ours, and without QEMU's own name for it."""
        argv = self.xl_argv(**kwargs)
        i = argv.index("-reflex-qemu")
        return argv[:i] + argv[i + 2:]


class Dealing(WrapperTest):
    def test_ide_is_the_default(self):
        self.assertEqual(self.qemus(self.xl_argv()), self.expected(disks=()))
        self.assertEqual(self.told(3), ["enable", "readable reflex", "write reflex/devices ide"])
        self.nothing_more_is_told()
        self.assertIn(f"kept from QEMU: -drive {IDE}", self.errors)

    def test_cd_rom_goes_with_its_drive(self):
        rest = ["-drive", SCSI_DRIVE, "-device", SCSI]
        got = self.qemus(self.xl_argv(disks=["-drive", IDE, "-drive", CD_DRIVE, "-device", CD, *rest]))
        self.assertEqual(got, self.expected(disks=rest))

    def test_empty_cd_rom(self):
        got = self.qemus(self.xl_argv(disks=["-drive", "if=none,readonly=on,id=ide-5632", "-device", CD]))
        self.assertEqual(got, self.expected(disks=()))

    def test_other_controllers_keep_theirs(self):
        disks = ["-drive", AHCI_DRIVE, "-device", AHCI, "-drive", SCSI_DRIVE, "-device", SCSI]
        self.assertEqual(self.qemus(self.xl_argv(disks=disks)), self.expected(disks=disks))

    def test_serial_alone_leaves_the_disks(self):
        got = self.qemus(self.xl_argv(own=["-reflex", "serial"]))
        expected = self.expected()
        i = expected.index("-serial")
        self.assertEqual(got, expected[:i] + expected[i + 2:])
        self.assertEqual(self.told(3), ["enable", "readable reflex", "write reflex/devices serial"])

    def test_other_serial_ports_are_told(self):
        self.qemus(self.xl_argv(own=["-reflex", "ide,serial"]) + ["-serial", "null"])
        self.assertEqual(self.told(4)[2:], ["write reflex/devices ide,serial", "write reflex/serial-ports 2"])

    def test_qemus_serial_port_may_be_anything(self):
        got = self.qemus(self.xl_argv() + ["-serial", "tcp:localhost:1", "-serial", "none"])
        self.assertEqual(got[-4:], ["-serial", "tcp:localhost:1", "-serial", "none"])
        self.assertNotIn("ignored", self.errors)

    def test_values_that_look_like_options(self):
        tail = ["-name", "-serial", "-append", "-reflex", "-kernel", "-drive"]
        self.assertEqual(self.qemus(self.xl_argv() + tail), self.expected(disks=()) + tail)

    def test_unknown_options_at_the_end(self):
        tail = ["-runas", "nobody", "-xen-domid-restrict"]
        self.assertEqual(self.qemus(self.xl_argv() + tail), self.expected(disks=()) + tail)

    def test_restore_is_qemus(self):
        with open(self.qemu, "rb") as state:        # not read: QEMU finds it at its beginning
            fd = state.fileno()
            status, account = self.run_it(self.xl_argv() + ["-incoming", f"fd:{fd}"], pass_fds=(fd,))
            self.assertEqual(state.tell(), 0)
        self.assertEqual((status, account["argv"][-2:]), (0, ["-incoming", f"fd:{fd}"]))

    def test_no_descriptor_is_left_to_qemu(self):
        _, account = self.run_it(self.xl_argv())
        self.assertEqual(account["fds"], 5)     # 0 to 2, the simulated Xen's, and that of the folder it counts


class Refusals(WrapperTest):
    def refused(self, argv, words, status=2, **kwargs):
        self.assertEqual(self.run_it(argv, **kwargs), (status, None))
        self.assertIn(words, self.errors)

    def test_unknown_devices(self):
        for names in ("usb", "ide,usb", "", "ide,", "chipset"):
            with self.subTest(names=names):
                self.refused(self.xl_argv(own=["-reflex", names]), "the firmware can take are ide and serial")
                self.nothing_more_is_told()

    def test_lines_that_no_toolstack_makes(self):
        self.refused([], "usage:")
        self.refused(["-xen-domid", "7"], "usage:")
        self.refused(self.xl_argv() + ["-drive"], "-drive wants a value")
        self.refused(self.xl_argv() + ["-reflex"], "-reflex wants a value")

    def test_no_reflection(self):
        self.refused(self.xl_argv(), "no I/O reflection", status=1, enable_errno=errno.EINVAL)
        self.assertEqual(self.told(1), ["enable"])
        self.nothing_more_is_told()
        self.refused(self.xl_argv(), "hvm-reflect=1", status=1, enable_errno=errno.EOPNOTSUPP)

    def test_no_qemu(self):
        self.refused(self.xl_argv() + ["-reflex-qemu", "/nowhere/qemu"], "cannot run /nowhere/qemu", status=1)


class Terminal(WrapperTest):
    """With the serial port ours, somebody stays to tell xl of its terminal, until the domain ends."""

    def start(self):
        self.qemus(self.xl_argv(own=["-reflex", "ide,serial"]))
        self.assertEqual(self.told(3)[2], "write reflex/devices ide,serial")

    def test_the_consoles_terminal_is_the_serial_ports(self):
        self.start()
        self.xen.send(b"console /dev/pts/3")
        self.assertEqual(self.told(1), ["write serial/0/tty /dev/pts/3"])
        self.xen.send(b"release alive")
        self.xen.send(b"console /dev/pts/4")
        self.assertEqual(self.told(1), ["write serial/0/tty /dev/pts/4"])
        self.xen.send(b"release dead\n")
        self.nothing_more_is_told()

    def test_it_ends_with_xenstore(self):
        self.start()
        self.xen.shutdown(socket.SHUT_WR)
        self.nothing_more_is_told()

    def test_the_saved_state_is_not_kept_open(self):
        read_end, write_end = os.pipe()
        argv = self.xl_argv(own=["-reflex", "serial"]) + ["-incoming", f"fd:{read_end}"]
        self.assertEqual(self.run_it(argv, pass_fds=(read_end,))[0], 0)
        os.close(read_end)
        self.xen.send(b"console /dev/pts/3")
        self.assertEqual(self.told(4)[3], "write serial/0/tty /dev/pts/3")
        with self.assertRaises(BrokenPipeError):
            os.write(write_end, b"x")
        os.close(write_end)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
