"""Carts and orders on a full disk: nothing of them is lost, and the server ends when it is told to. Usage: test_full_disk.py HEADRACE FAULT_SO"""
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server, page_view, until  # noqa: E402

FAULT = sys.argv.pop(2)
HEADRACE = sys.argv.pop(1)
NONE, FULL, FULL_ALL = range(3)  # tests/crash/fault.h


class Disk(Server):
    """A server whose disk can be full; `hide_bought` is on in the example's configuration."""

    def __init__(self):
        super().__init__(HEADRACE, start=False)
        self.control = self.folder / "fault"
        self.control.write_bytes(bytes(12))
        self.start(LD_PRELOAD=FAULT, HEADRACE_FAULT_FILE=str(self.control))

    def fault(self, mode):
        with open(self.control, "r+b") as control:
            control.write(struct.pack("<I", mode))

    def faults_met(self):
        return struct.unpack("<III", self.control.read_bytes())[1]

    def shown(self, visitor):
        return [item["handle"] for item in self.read(visitor, "?limit=50")["items"]]


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.disk = Disk()
        self.addCleanup(self.disk.close)

    def order(self, visitor):
        return page_view(visitor, "jeans", e="ti", ti_id="order-1", ti_sk="jeans", refr="https://shop.example/?" + "x" * 50000)

    def view(self, visitor):
        return page_view(visitor, "jeans", refr="https://shop.example/?" + "x" * 50000)

    def order_until_full(self, make):
        """Orders, each by another visitor, until the log has no room left; those that were acknowledged."""
        disk, ordered = self.disk, []
        disk.click("nobody", "laptop")  # the log takes room ahead, the state does not
        disk.fault(FULL)
        while self.disk.try_send([make(f"v{len(ordered)}")])[0] == 200:
            ordered.append(f"v{len(ordered)}")
        self.assertGreater(disk.faults_met(), 0)
        self.assertGreater(len(ordered), 100)
        return ordered

    def test_what_was_ordered_on_a_full_disk_is_noted_when_there_is_room(self):
        disk = self.disk
        self.assertIn("jeans", disk.shown("v0"))
        ordered = self.order_until_full(self.order)
        self.assertLess(disk.counts("bought_noted_total")["order"], len(ordered), "there is no room for all")
        disk.fault(NONE)
        for visitor in ordered:
            until(lambda: "jeans" not in disk.shown(visitor))
        self.assertIn("jeans", disk.shown("other"))
        disk.stop()

    def test_it_ends_when_told_to_on_a_disk_that_cannot_grow(self):
        self.disk.click("v0", "jeans")
        self.order_until_full(self.view)
        self.disk.stop()

    def test_it_ends_when_told_to_while_an_order_waits_for_a_disk_that_takes_no_write(self):
        self.disk.click("nobody", "laptop")
        self.disk.fault(FULL_ALL)
        connection = self.disk.begin_send([self.order("v1")])
        until(lambda: self.disk.faults_met() > 0)
        self.disk.stop()
        connection.close()


if __name__ == "__main__":
    unittest.main()
