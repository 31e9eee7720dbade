# SPDX-License-Identifier: GPL-2.0-or-later
# Written by reading Homebrew's conventions; it was not run. sha256 is of the tarball that make dist makes.
class Norprog < Formula
  desc "Back up, rewrite and selectively restore SPI NOR flash"
  homepage "https://norprog.invalid/"
  url "https://norprog.invalid/norprog-0.2.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "GPL-2.0-or-later"

  depends_on "make" => :build
  depends_on "pkgconf" => :build
  depends_on "dtc"
  depends_on "inih"
  depends_on "jansson"
  depends_on "libftdi"
  depends_on "libmd"
  depends_on "libmicrohttpd"
  depends_on "libusb"
  depends_on "xz"
  depends_on "zstd"

  def install
    system "gmake", "PREFIX=#{prefix}", "UDEV_DIR=#{share}/norprog", "UNIT_DIR=#{share}/norprog", "install"
  end

  test do
    (testpath/"chip.bin").write "\xff" * 8_388_608
    system bin/"norprog", "-p", "sim:chip=W25Q64FV,file=chip.bin", "read", "backup.bin"
    assert_equal 8_388_608, (testpath/"backup.bin").size
  end
end
