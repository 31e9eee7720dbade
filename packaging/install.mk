# SPDX-License-Identifier: GPL-2.0-or-later
# What is needed, what is installed, what is released.

# ---- what is needed: `deps` for all, install and demo; the rest by itself -------------------------
# Fedora: gcc make pkgconf libusb1-devel libftdi-devel libfdt-devel zlib-devel jansson-devel libmd-devel
#   inih-devel xz-devel libzstd-devel check-devel bats umockdev-devel avr-gcc avr-libc flashrom jq uboot-tools squashfs-tools openssl
# Arch: base-devel libusb libftdi dtc zlib jansson libmd libinih xz zstd check bash-bats umockdev avr-gcc avr-libc
#   simavr flashrom jq uboot-tools squashfs-tools openssl
DEB_BUILD := gcc libc6-dev make pkg-config libusb-1.0-0-dev libftdi1-dev libfdt-dev zlib1g-dev libjansson-dev libmd-dev \
	libinih-dev liblzma-dev libzstd-dev libmicrohttpd-dev
DEB_DEMO := u-boot-qemu u-boot-tools ipxe squashfs-tools openssl xxd
DEB_TEST := check bats jq umockdev libumockdev-dev libsimavr-dev libelf-dev simavr gcc-avr avr-libc flashrom \
	ovmf seabios coreboot-utils vboot-kernel-utils zstd bzip2 mtd-utils device-tree-compiler mandoc chromium chromium-driver python3-selenium python3 git g++ xz-utils zsh fish
DEB_LINT := clang clang-format clang-tidy cppcheck universal-ctags shellcheck lcov codespell mandoc
DEB_PACKAGE := debhelper debootstrap dpkg-dev fakeroot lintian gcc-avr avr-libc check
DEB_CROSS := qemu-user-static gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf gcc-s390x-linux-gnu
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
define install_debs
	@command -v apt-get >/dev/null || { echo "make $@ knows apt; the Fedora and Arch names are in packaging/install.mk"; exit 1; }
	$(SUDO) apt-get update -qq
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null
endef

.PHONY: deps deps-test deps-lint deps-package deps-cross
deps: ## install what building, installing and the demo need (Debian)
	$(call install_debs,$(DEB_BUILD) $(DEB_DEMO))
deps-test: ## and what the tests need
	$(call install_debs,$(sort $(DEB_BUILD) $(DEB_DEMO) $(DEB_TEST)))
deps-lint: ## and what lint needs
	$(call install_debs,$(sort $(DEB_BUILD) $(DEB_TEST) $(DEB_LINT)))
deps-package: ## and what the Debian package needs
	$(call install_debs,$(sort $(DEB_BUILD) $(DEB_PACKAGE)))
deps-cross: ## and what the tests for other machines need
	$(call install_debs,$(sort $(DEB_BUILD) $(DEB_CROSS)))

# ---- installing: one list, for install and uninstall alike ----------------------------------------
LIBDIR ?= $(PREFIX)/lib
UDEV_DIR ?= /lib/udev/rules.d
UNIT_DIR ?= $(PREFIX)/lib/systemd/system
ZSH_DIR ?= $(PREFIX)/share/zsh/site-functions
DOCDIR ?= $(PREFIX)/share/doc/norprog
SHARE := $(PREFIX)/share
FIRMWARE = $(if $(AVR_HAVE),$(FW_16:=.hex) $(FW_8:=.hex))

.PHONY: $(BUILD)/norprog.pc # another PREFIX, another file
$(BUILD)/norprog.pc:
	@mkdir -p $(@D)
	$(Q)printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR:$(PREFIX)%=$${prefix}%)' 'includedir=$${prefix}/include' '' 'Name: norprog' \
		'Description: back up, rewrite and selectively restore SPI NOR flash' 'Version: $(VERSION)' \
		'Requires.private: $(PKGS)' 'Libs: -L$${libdir} -lnorprog' 'Libs.private: -lfdt -lm -pthread' \
		'Cflags: -I$${includedir}' > $@

# Units name programs by their whole path.
.PHONY: $(BUILD)/norprog-serve.service
$(BUILD)/norprog-serve.service: systemd/norprog-serve.service
	@mkdir -p $(@D)
	$(Q)sed 's|@BINDIR@|$(PREFIX)/bin|' $< > $@

# Installed, the README stands beside the pages that it names.
$(BUILD)/doc/README.md: README.md
	@mkdir -p $(@D)
	$(Q)sed 's|](doc/|](|g' $< > $@

ON_LINUX := $(filter Linux,$(shell uname -s))

# MODE:FILE:FOLDER[/NAME], a word each.
define INSTALLED
755:$(BUILD)/norprog:$(PREFIX)/bin
644:$(BUILD)/public/libnorprog.a:$(LIBDIR)
755:$(BUILD)/$(call dl,$(VERSION)):$(LIBDIR)
644:include/norprog.h:$(PREFIX)/include
644:$(BUILD)/norprog.pc:$(LIBDIR)/pkgconfig
$(if $(ON_LINUX),644:udev/60-norprog.rules:$(UDEV_DIR)
644:systemd/norprog-serve.socket:$(UNIT_DIR)
644:$(BUILD)/norprog-serve.service:$(UNIT_DIR))
644:packaging/completion/norprog.bash:$(SHARE)/bash-completion/completions/norprog
644:packaging/completion/_norprog:$(ZSH_DIR)
644:packaging/completion/norprog.fish:$(SHARE)/fish/vendor_completions.d
$(foreach f,$(wildcard doc/*.1 doc/man/*.1),644:$(f):$(SHARE)/man/man1)
$(foreach f,COPYING $(BUILD)/doc/README.md CHANGELOG.md $(wildcard doc/*.md doc/*.svg),644:$(f):$(DOCDIR))
$(foreach f,$(wildcard doc/how-to/*.md),644:$(f):$(DOCDIR)/how-to)
$(foreach f,$(wildcard doc/wiring/*.svg),644:$(f):$(DOCDIR)/wiring)
$(foreach f,$(wildcard doc/ui/*.png),644:$(f):$(DOCDIR)/ui)
$(foreach f,$(wildcard doc/examples/*),644:$(f):$(DOCDIR)/examples)
$(foreach f,$(FIRMWARE),644:$(f):$(SHARE)/norprog/firmware)
endef
LINKS = $(LIBDIR)/$(call dl,$(SOVERSION)) $(LIBDIR)/$(call dl)
# Folders that nobody else has.
OWN_FOLDERS = $(DOCDIR)/how-to $(DOCDIR)/wiring $(DOCDIR)/ui $(DOCDIR)/examples $(DOCDIR) $(SHARE)/norprog/firmware $(SHARE)/norprog

install: all $(FIRMWARE) $(BUILD)/norprog-serve.service $(BUILD)/doc/README.md ## below PREFIX
	$(Q)for line in $(strip $(INSTALLED)); do \
		mode=$${line%%:*} rest=$${line#*:}; \
		file=$${rest%%:*} to=$(DESTDIR)$${rest#*:}; \
		case $$to in */completions/norprog) ;; *) to=$$to/$${file##*/} ;; esac; \
		install -d "$${to%/*}" && install -m $$mode "$$file" "$$to" || exit 1; \
	done
	$(Q)ln -sf $(call dl,$(VERSION)) $(DESTDIR)$(LIBDIR)/$(call dl,$(SOVERSION))
	$(Q)ln -sf $(call dl,$(SOVERSION)) $(DESTDIR)$(LIBDIR)/$(call dl)
	@$(if $(or $(DESTDIR),$(if $(ON_LINUX),,elsewhere)),,if [ -d /run/udev ] && udevadm control --reload 2>/dev/null && udevadm trigger 2>/dev/null; then \
		echo "installed; the rules for the programmers are in force"; else \
		echo "installed; for the rules to be in force: udevadm control --reload && udevadm trigger"; fi; \
	[ "$$(id -u)" != 0 ] || ldconfig)

uninstall: ## take away all that install put there
	$(Q)for line in $(strip $(INSTALLED)); do \
		rest=$${line#*:}; \
		file=$${rest%%:*} to=$(DESTDIR)$${rest#*:}; \
		case $$to in */completions/norprog) ;; *) to=$$to/$${file##*/} ;; esac; \
		rm -f "$$to"; \
	done
	$(Q)rm -f $(LINKS:%=$(DESTDIR)%)
	$(Q)for folder in $(OWN_FOLDERS:%=$(DESTDIR)%); do [ ! -d $$folder ] || rmdir $$folder 2>/dev/null || :; done

# The pages of the commands, from the tables behind their --help; a test compares.
.PHONY: man
man: $(BUILD)/norprog
	@mkdir -p doc/man
	rm -f doc/man/norprog-*.1
	for command in $$($< --help | sed -n '/^Commands:/,/^$$/s/^  \([a-z]*\) .*/\1/p'); do \
		$< manpage $$command > doc/man/norprog-$$command.1 || exit 1; done

# `norprog --version -v` names what it was linked with.
LIBRARIES = $(foreach p,$(sort $(PKGS)),$(p) $(shell $(PKG_CONFIG) --modversion $(p) 2>/dev/null)$(comma)) libfdt
$(BUILD)/obj/src/cli/main.o: CPPFLAGS += -DNORPROG_LIBRARIES='"$(LIBRARIES)"'

# ---- releases --------------------------------------------------------------------------------------
TARBALL := $(BUILD)/norprog-$(VERSION).tar.gz
dist: ## a tarball of HEAD, the same bytes wherever it is made
	@mkdir -p $(BUILD)
	git -c tar.umask=0022 archive --prefix=norprog-$(VERSION)/ HEAD . ':!debian' | gzip -n9 > $(TARBALL)
	@sha256sum $(TARBALL)

.PHONY: deb
deb: dist ## Debian packages of HEAD, into build/deb
	bash packaging/deb.sh $(BUILD) $(VERSION)

.PHONY: try-deb
try-deb: dist ## build, install, try and remove the Debian packages of HEAD in a new Debian (root)
	bash packaging/try-deb.sh $(BUILD) $(VERSION)

.PHONY: sbom
sbom: ## what this build is linked with (SPDX), into build/
	@mkdir -p $(BUILD)
	bash packaging/sbom.sh $(VERSION) $(PKGS) > $(BUILD)/norprog-$(VERSION).spdx.json
