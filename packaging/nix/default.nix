# SPDX-License-Identifier: GPL-2.0-or-later
# nix-build packaging/nix. Written by reading nixpkgs' conventions; it was not run.
{ pkgs ? import <nixpkgs> { } }:

pkgs.stdenv.mkDerivation {
  pname = "norprog";
  version = "0.2.0";
  src = ../..;

  nativeBuildInputs = [ pkgs.pkg-config ];
  buildInputs = with pkgs; [ dtc inih jansson libftdi1 libmd libmicrohttpd libusb1 xz zlib zstd ];

  enableParallelBuilding = true;
  makeFlags = [
    "PREFIX=${placeholder "out"}"
    "UDEV_DIR=${placeholder "out"}/lib/udev/rules.d"
  ];

  meta = {
    description = "Back up, rewrite and selectively restore SPI NOR flash";
    license = pkgs.lib.licenses.gpl2Plus;
    platforms = pkgs.lib.platforms.unix;
    mainProgram = "norprog";
  };
}
