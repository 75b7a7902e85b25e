"""A Bluetooth peripheral with the service of SMP, on the host stack of Bumble. `mod.rs` says what goes over its ports.

peripheral.py ADDRESS NAME, with two listening sockets in the place of its first two files: the first leads to a
controller (packets as over a UART, Core Specification, volume 4, part A), the second to whoever plays the reader.
"""

import asyncio
import contextlib
import socket
import sys

from bumble.core import UUID, AdvertisingData
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, HCI_Error
from bumble.transport.common import StreamPacketSink, StreamPacketSource

# Zephyr, subsys/mgmt/mcumgr/transport/src/smp_bt.c
SERVICE = UUID("8D53DC1D-1DB7-4CD3-868B-8A527460AA84")
CHARACTERISTIC = UUID("DA2E7828-FBCE-4E01-AE9E-261174997C48")
# Zephyr with data length extension.
MTU_BYTES = 247
# How often it begins to advertise. The emulator of a controller reports a device to one that listens when either
# begins, and not again, and the kernel drops a report that comes before it has noted that it listens.
ADVERTISING_S = 0.5


async def accepted(descriptor):
    """The one connection of a listening socket."""
    listening = socket.socket(fileno=descriptor)
    listening.setblocking(False)
    connected, _ = await asyncio.get_running_loop().sock_accept(listening)
    return connected


class Peripheral:
    def __init__(self, device, port):
        self.device = device
        self.port = port
        self.advertises = False
        self.advertising = asyncio.Lock()
        self.connection = None
        self.characteristic = Characteristic(
            CHARACTERISTIC,
            Characteristic.Properties.WRITE_WITHOUT_RESPONSE | Characteristic.Properties.NOTIFY,
            Characteristic.WRITEABLE,
            CharacteristicValue(write=lambda _, value: self.send(b"W", bytes(value))),
        )
        device.add_service(Service(SERVICE, [self.characteristic]))
        device.gatt_server.max_mtu = MTU_BYTES
        device.on("connection", self.connected)

    def send(self, letter, value=b""):
        self.port.write(letter + len(value).to_bytes(2, "big") + value)

    def connected(self, connection):
        self.connection = connection
        self.advertises = False
        connection.on("disconnection", self.disconnected)
        self.send(b"C")

    def disconnected(self, _):
        self.connection = None
        self.send(b"D")

    async def advertise(self):
        self.advertises = True
        await self.begin()

    async def begin(self):
        """Begins to advertise anew, unless somebody connected meanwhile."""
        flags = bytes([6])  # general discoverable, no classic Bluetooth
        services = AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
        says = [(AdvertisingData.FLAGS, flags), (services, bytes(SERVICE))]
        answers = [(AdvertisingData.COMPLETE_LOCAL_NAME, self.device.name.encode())]
        async with self.advertising:
            await self.end()
            if self.advertises:
                await self.device.start_advertising(
                    advertising_data=bytes(AdvertisingData(says)),
                    scan_response_data=bytes(AdvertisingData(answers)),
                )

    async def end(self):
        # A controller that is just being connected to refuses.
        with contextlib.suppress(HCI_Error):
            if self.device.is_advertising:
                await self.device.stop_advertising()

    async def repeat(self):
        while True:
            await asyncio.sleep(ADVERTISING_S)
            if self.advertises:
                await self.begin()

    async def leave(self):
        self.advertises = False
        async with self.advertising:
            await self.end()
        # Whoever is connected may disconnect at the same time.
        with contextlib.suppress(HCI_Error):
            if self.connection:
                await self.connection.disconnect()


async def main(address, name):
    packets, values = await accepted(0), await accepted(1)
    loop = asyncio.get_running_loop()
    transport, source = await loop.create_unix_connection(StreamPacketSource, sock=packets)
    reader, writer = await asyncio.open_unix_connection(sock=values)
    device = Device.with_hci(name, Address(address), source, StreamPacketSink(transport))
    peripheral = Peripheral(device, writer)
    repeating = asyncio.create_task(peripheral.repeat())
    while True:
        try:
            letter, *length = await reader.readexactly(3)
        except asyncio.IncompleteReadError:
            repeating.cancel()
            return
        value = await reader.readexactly(int.from_bytes(length, "big"))
        match bytes([letter]):
            case b"P":
                await device.power_on()
                peripheral.send(b"P")
            case b"A":
                await peripheral.advertise()
            case b"L":
                await peripheral.leave()
            case b"N":
                await device.notify_subscribers(peripheral.characteristic, value)


asyncio.run(main(*sys.argv[1:]))
