#!/usr/bin/python3
"""A bed for USB devices without a bus.

umockdev redirects what libusb reads and asks of the kernel, and every device is a server of USB/IP on this computer.
Programs below it use the real libusb. Not there: the kernel's drivers, its enumeration, bandwidth.

bed.py PROGRAM ARGUMENT...
The program gets FIRMDROP_BED, a port of this computer that takes orders, a line each: "plug PORT PLACE", "deny PLACE",
"hide PLACE".
A device that closes its connection is unplugged, and plugged in again as soon as its server takes a connection.
"""

import errno
import os
import signal
import socket
import struct
import subprocess
import sys
import threading

INSTALL = "`cargo xtask test` installs it, or: apt-get install umockdev python3-gi gir1.2-umockdev-1.0"
try:
    import gi

    gi.require_version("UMockdev", "1.0")
    from gi.repository import GLib, UMockdev
except (ImportError, ValueError) as error:
    sys.exit(f"{error}; {INSTALL}")

# Nothing is said of what comes and goes, as in a container without the system's device manager. Only a program that is
# below umockdev itself can say it.
QUIET = "FIRMDROP_BED_QUIET" in os.environ
# The whole run: a test that takes longer hangs.
MOST_SECONDS = 60
# A request of the bed's own to a device.
REQUEST_SECONDS = 5
# How long a program waits for a transfer before it looks at its own clock again.
REAP_MILLISECONDS = 3


def usbfs(direction, number, size):
    """A request of usbdevice_fs.h; 1 is written by the kernel's side, 2 is read."""
    return direction << 30 | size << 16 | ord("U") << 8 | number


RESET_ENDPOINT = usbfs(2, 3, 4)
SET_INTERFACE = usbfs(2, 4, 8)
SET_CONFIGURATION = usbfs(2, 5, 4)
GET_DRIVER = usbfs(1, 8, 260)
SUBMIT = usbfs(2, 10, 56)
DISCARD = usbfs(0, 11, 0)
REAP = usbfs(1, 12, 8)
REAP_NOW = usbfs(1, 13, 8)
CLAIM = usbfs(2, 15, 4)
RELEASE = usbfs(2, 16, 4)
RESET = usbfs(0, 20, 0)
CLEAR_HALT = usbfs(2, 21, 4)
CAPABILITIES = usbfs(1, 26, 4)
DISCONNECT_CLAIM = usbfs(2, 27, 264)
# Zero-length packets, no limit of a packet, reap after disconnect: USBDEVFS_CAP_*.
CAPABLE = 0x01 | 0x04 | 0x10
# struct usbdevfs_urb of a computer with 64 bits.
STATUS, BUFFER, LENGTH, ACTUAL, URB_BYTES = 4, 16, 24, 28, 56
CONTROL = 2
BUS = "/devices/pci0000:00/0000:00:14.0/usb1"


class Server:
    """A device on its USB/IP connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=REQUEST_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, b""))
        _, _, status = struct.unpack(">HHI", self.read(8))
        if status:
            raise OSError("it is not on the bus")
        self.read(312)
        self.number = 0

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def submit(self, endpoint, setup, out, length, is_in):
        self.number += 1
        head = struct.pack(">IIIIIIiiii8s", 1, self.number, 0x10002, int(is_in), endpoint, 0, length, 0, 0, 0, setup)
        self.socket.sendall(head + (b"" if is_in else out))
        return self.number

    def answer(self):
        head = self.read(48)
        command, number = struct.unpack_from(">II", head)
        status, actual = struct.unpack_from(">ii", head, 20)
        return command, number, status, actual

    def control(self, kind, request, value, length):
        """A control transfer while nobody else uses the connection."""
        setup = struct.pack("<BBHHH", kind, request, value, 0, length)
        is_in = bool(kind & 0x80)
        self.submit(0, setup, b"", length, is_in)
        _, _, status, actual = self.answer()
        return self.read(actual) if status == 0 and is_in else b""

    def text(self, index):
        """A text as the kernel hands it out: UTF-8, one line."""
        if not index:
            return ""
        data = self.control(0x80, 6, 0x0300 | index, 255)
        return data[2:].decode("utf-16le", "replace").replace("\n", " ")


class Flight:
    """A request that its device did not answer yet: a transfer of a program, or one that the kernel waits for."""

    def __init__(self, client, urb=None, is_in=False, offset=0):
        self.client, self.urb, self.is_in, self.offset = client, urb, is_in, offset


class Node(UMockdev.IoctlBase):
    """The node of a device: what programs ask of the kernel goes to its server."""

    def __init__(self, server, on_gone, on_claim):
        super().__init__()
        self.server, self.on_gone, self.on_claim = server, on_gone, on_claim
        self.flying, self.done, self.gone = {}, {}, False
        # Programs that wait for a transfer, and what they asked with.
        self.waiting = {}
        self.claims = {}
        self.lock = threading.Lock()

    def listen(self):
        self.server.socket.settimeout(None)
        threading.Thread(target=self.receive, daemon=True).start()
        GLib.timeout_add(10, self.look_for_closed)

    def receive(self):
        try:
            while True:
                command, number, status, actual = self.server.answer()
                if command != 3:
                    continue
                with self.lock:
                    flight = self.flying.pop(number, None)
                data = self.server.read(actual) if flight and flight.is_in and actual else b""
                self.land(flight, status, actual, data)
        except (EOFError, OSError):
            with self.lock:
                flights, self.flying, self.gone = list(self.flying.values()), {}, True
            # As the kernel does, before anything else says that the device is gone.
            for flight in flights:
                self.land(flight, -errno.ESHUTDOWN, 0, b"")
            GLib.idle_add(self.on_gone)

    def land(self, flight, status, actual, data):
        if flight is None:
            return
        if flight.urb is None:
            error = errno.ENODEV if status == -errno.ESHUTDOWN else -status
            GLib.idle_add(lambda: flight.client.complete(-1 if status else 0, error) and False)
            return
        with self.lock:
            self.done.setdefault(flight.client, []).append((flight, status, actual, data))
        GLib.idle_add(self.wake, flight.client)

    def has(self, interface):
        """Whether an open file has an interface. umockdev does not say when one is closed."""
        holder = self.claims.get(interface)
        if holder and not holder.get_property("connected"):
            self.release(interface)
        return self.claims.get(interface)

    def look_for_closed(self):
        for interface in list(self.claims):
            self.has(interface)
        return not self.gone

    def do_handle_ioctl(self, client):
        request = client.get_property("request") & 0xFFFFFFFF
        argument = client.get_property("arg")

        def end(result=0, error=0):
            client.complete(result, error)
            return True

        def number():
            return struct.unpack("<I", bytes(argument.resolve(0, 4).retrieve()))[0]

        if request in (REAP, REAP_NOW):
            return self.reap(client, argument, end)
        if request == RELEASE:
            if self.claims.get(number()) == client:
                self.release(number())
            return end()
        if self.gone:
            return end(-1, errno.ENODEV)
        if request == SUBMIT:
            return self.submit(client, argument, end)
        if request == DISCARD:
            return self.discard(argument, end)
        if request == CAPABILITIES:
            argument.resolve(0, 4).update(0, struct.pack("<I", CAPABLE))
            return end()
        if request in (CLAIM, DISCONNECT_CLAIM):
            size = 4 if request == CLAIM else 264
            interface = struct.unpack_from("<I", bytes(argument.resolve(0, size).retrieve()))[0]
            return end(*self.claim(client, interface))
        if request == SET_INTERFACE:
            interface, alternate = struct.unpack("<II", bytes(argument.resolve(0, 8).retrieve()))
            result, error = self.claim(client, interface)
            if result:
                return end(result, error)
            return self.kernel(client, struct.pack("<BBHHH", 0x01, 11, alternate, interface, 0), end)
        if request == RESET:
            # How USB/IP resets a device.
            return self.kernel(client, struct.pack("<BBHHH", 0x23, 3, 4, 0, 0), end)
        if request == GET_DRIVER:
            return end(-1, errno.ENODATA)
        if request in (SET_CONFIGURATION, CLEAR_HALT, RESET_ENDPOINT):
            return end()
        return end(-1, errno.ENOTTY)

    def claim(self, client, interface):
        """One open file has an interface at a time."""
        if self.has(interface) not in (None, client):
            return -1, errno.EBUSY
        self.claims[interface] = client
        self.on_claim(interface, True)
        return 0, 0

    def release(self, interface):
        self.claims.pop(interface, None)
        self.on_claim(interface, False)

    def kernel(self, client, setup, end):
        """A request that the kernel sends by itself, and whose answer its caller waits for."""
        with self.lock:
            if self.gone:
                return end(-1, errno.ENODEV)
            try:
                self.flying[self.server.submit(0, setup, b"", 0, False)] = Flight(client)
            except OSError:
                return end(-1, errno.ENODEV)
        return True

    def reap(self, client, argument, end):
        """Hands a transfer that is over back. While one is under way, an answer is held back: a program that is told
        at once that there is none asks at once again, since its node is always ready to be read.
        """
        if self.hand_back(client, argument):
            return True
        with self.lock:
            is_flying = any(flight.client == client and flight.urb for flight in self.flying.values())
        if self.gone or not is_flying:
            return end(-1, errno.ENODEV if self.gone else errno.EAGAIN)
        self.waiting[client] = argument
        GLib.timeout_add(REAP_MILLISECONDS, self.none_yet, client, argument)
        return True

    def wake(self, client):
        argument = self.waiting.pop(client, None)
        if argument is not None and not self.hand_back(client, argument):
            self.waiting[client] = argument
        return False

    def none_yet(self, client, argument):
        if self.waiting.get(client) is argument:
            del self.waiting[client]
            client.complete(-1, errno.ENODEV if self.gone else errno.EAGAIN)
        return False

    def hand_back(self, client, argument):
        """Completes a program's question with a transfer that is over; whether there is one."""
        with self.lock:
            ready = self.done.get(client)
            ready = ready.pop(0) if ready else None
        if ready is None:
            return False
        flight, status, actual, data = ready
        urb = flight.urb
        if data:
            (length,) = struct.unpack_from("<i", bytes(urb.retrieve()), LENGTH)
            urb.resolve(BUFFER, length).update(flight.offset, data)
        urb.update(STATUS, struct.pack("<i", status))
        urb.update(ACTUAL, struct.pack("<i", actual))
        argument.resolve(0, 8).set_ptr(0, urb)
        client.complete(0, 0)
        return True

    def submit(self, client, argument, end):
        urb = argument.resolve(0, URB_BYTES)
        head = bytes(urb.retrieve())
        kind, endpoint = struct.unpack_from("<BB", head)
        (length,) = struct.unpack_from("<i", head, LENGTH)
        buffer = bytes(urb.resolve(BUFFER, length).retrieve()) if length else b""
        if kind == CONTROL:
            setup, out, is_in, offset = buffer[:8], buffer[8:], bool(buffer[0] & 0x80), 8
            to, _, _, index, count = struct.unpack_from("<BBHHH", buffer)
            # A request to an interface claims it, unless another has it.
            if to & 0x1F == 1 and self.has(index & 0xFF) not in (None, client):
                return end(-1, errno.EBUSY)
        else:
            setup, out, is_in, offset, count = bytes(8), buffer, bool(endpoint & 0x80), 0, length
        with self.lock:
            # The device may have left since this ioctl began.
            if self.gone:
                return end(-1, errno.ENODEV)
            try:
                number = self.server.submit(endpoint & 0x7F, setup, out[:count], count, is_in)
            except OSError:
                return end(-1, errno.ENODEV)
            self.flying[number] = Flight(client, urb, is_in, offset)
        return end()

    def discard(self, argument, end):
        (address,) = struct.unpack("<Q", bytes(argument.retrieve()))
        with self.lock:
            found = [one for one, flight in self.flying.items() if flight.urb and flight.urb.client_addr == address]
            flight = self.flying.pop(found[0]) if found else None
        if flight is None:
            return end(-1, errno.EINVAL)
        self.land(flight, -errno.ENOENT, 0, b"")
        return end()


class Port:
    """A port of the bus, and the device in it."""

    def __init__(self, bed, tcp_port, place):
        self.bed, self.tcp_port, self.place = bed, tcp_port, place
        self.path = f"{BUS}/{place}"
        self.interfaces = []

    def plug(self):
        """Plugs the device in; whether it is there."""
        try:
            server = Server(self.tcp_port)
            device = server.control(0x80, 6, 0x0100, 18)
            head = server.control(0x80, 6, 0x0200, 9)
            configuration = server.control(0x80, 6, 0x0200, struct.unpack_from("<H", head, 2)[0])
            texts = [server.text(index) for index in device[14:17]]
        except (OSError, EOFError, struct.error):
            return False
        vendor, product, release = struct.unpack_from("<HHH", device, 8)
        number = self.bed.next_number()
        self.node = f"/dev/bus/usb/001/{number:03}"
        names = ("manufacturer", "product", "serial")
        lines = [
            f"P: {self.path}",
            f"N: {self.node[5:]}",
            "E: SUBSYSTEM=usb",
            "E: DEVTYPE=usb_device",
            f"E: DEVNAME={self.node}",
            "E: MAJOR=189",
            f"E: MINOR={number - 1}",
            "E: BUSNUM=001",
            f"E: DEVNUM={number:03}",
            f"E: PRODUCT={vendor:x}/{product:x}/{release:x}",
            "A: busnum=1\\n",
            f"A: devnum={number}\\n",
            "A: speed=12\\n",
            "A: bConfigurationValue=1\\n",
            f"A: idVendor={vendor:04x}\\n",
            f"A: idProduct={product:04x}\\n",
            *[f"H: {name}={(text + chr(10)).encode().hex().upper()}" for name, text in zip(names, texts) if text],
            f"H: descriptors={(device + configuration).hex().upper()}",
        ]
        self.bed.testbed.attach_ioctl(self.node, self.on_node(server))
        self.bed.testbed.add_from_string("\n".join(lines) + "\n\n")
        self.interfaces = [f"{self.path}/{self.place}:1.{one}" for one in range(configuration[4])]
        for interface in self.interfaces:
            self.bed.testbed.add_from_string(f"P: {interface}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n\n")
        return True

    def on_node(self, server):
        node = Node(server, self.left, self.claimed)
        node.listen()
        return node

    def claimed(self, interface, is_claimed):
        """The kernel binds the interface to the driver by which programs have one."""
        for path in self.interfaces:
            if path.endswith(f".{interface}"):
                link = f"{self.bed.testbed.get_root_dir()}/sys{path}/driver"
                if is_claimed and not os.path.islink(link):
                    os.symlink("../../../../../../bus/usb/drivers/usbfs", link)
                if not is_claimed and os.path.islink(link):
                    os.unlink(link)

    def left(self):
        """The device closed its connection: it is unplugged, and looked for again."""
        testbed = self.bed.testbed
        for interface in self.interfaces:
            self.claimed(int(interface[-1]), False)
            testbed.remove_device(f"/sys{interface}")
        self.interfaces = []
        testbed.uevent(f"/sys{self.path}", "remove")
        # The node's ioctls stay: a program that has it open gets ENODEV from them, as from the kernel.
        testbed.remove_device(f"/sys{self.path}")
        GLib.timeout_add(5, self.again)
        return False

    def again(self):
        return not self.plug()

    def deny(self):
        os.chmod(self.bed.testbed.get_root_dir() + self.node, 0)

    def hide(self):
        os.unlink(self.bed.testbed.get_root_dir() + self.node)


# A root hub of Linux, 480 Mbit/s: device, configuration, interface and endpoint, USB 2.0, 11.23.
ROOT_HUB = bytes.fromhex("12010002090001406b1d0200150603020101" "09021900010100e000" "090400000109000000" "0705810304000c")


class Bed:
    """The computer with its ports."""

    def __init__(self):
        self.testbed = UMockdev.Testbed.new()
        if not QUIET and not UMockdev.in_mock_environment():
            sys.exit(f"libumockdev-preload.so.0 was not loaded; {INSTALL}")
        self.number = 1
        self.ports = {}
        lines = [
            f"P: {BUS}",
            "N: bus/usb/001/001",
            "E: SUBSYSTEM=usb",
            "E: DEVTYPE=usb_device",
            "E: DEVNAME=/dev/bus/usb/001/001",
            "E: MAJOR=189",
            "E: MINOR=0",
            "E: BUSNUM=001",
            "E: DEVNUM=001",
            "A: busnum=1\\n",
            "A: devnum=1\\n",
            "A: speed=480\\n",
            "A: bConfigurationValue=1\\n",
            "A: idVendor=1d6b\\n",
            "A: idProduct=0002\\n",
            f"H: descriptors={ROOT_HUB.hex().upper()}",
        ]
        self.testbed.add_from_string("\n".join(lines) + "\n\n")

    def next_number(self):
        self.number += 1
        return self.number

    def carry_out(self, order):
        """An order; whether it is done."""
        verb, *words = order.split()
        if verb == "plug":
            tcp_port, place = words
            self.ports[place] = Port(self, int(tcp_port), place)
            return self.ports[place].plug()
        port = self.ports[words[0]]
        {"deny": port.deny, "hide": port.hide}[verb]()
        return True

    def serve(self, listener):
        while True:
            stream, _ = listener.accept()
            for order in stream.makefile():
                answer = [b"failed\n"]
                ended = threading.Event()

                def carry_out(order=order, answer=answer, ended=ended):
                    try:
                        if self.carry_out(order):
                            answer[0] = b"done\n"
                    finally:
                        ended.set()

                GLib.idle_add(carry_out)
                ended.wait(REQUEST_SECONDS)
                stream.sendall(answer[0])


def main():
    bed = Bed()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=bed.serve, args=(listener,), daemon=True).start()
    environment = dict(
        os.environ,
        UMOCKDEV_DIR=bed.testbed.get_root_dir(),
        FIRMDROP_BED=str(listener.getsockname()[1]),
        LD_PRELOAD="libumockdev-preload.so.0",
    )
    loop = GLib.MainLoop()
    program = subprocess.Popen(sys.argv[1:], env=environment)

    def wait():
        try:
            program.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"it took longer than {MOST_SECONDS} s", file=sys.stderr)
            program.send_signal(signal.SIGKILL)
            program.wait()
        GLib.idle_add(loop.quit)

    threading.Thread(target=wait, daemon=True).start()
    loop.run()
    sys.stdout.flush()
    # Without waiting for threads that read from devices; the bed's folder goes with the testbed.
    del bed.testbed
    os._exit(program.returncode if program.returncode >= 0 else 1)


main()
