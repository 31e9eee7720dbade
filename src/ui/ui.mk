# SPDX-License-Identifier: GPL-2.0-or-later
# `norprog ui`: its own objects, in the command and not in the library. Without libmicrohttpd what is
# left is checked all the same, and the command says what is missing.
HAVE_UI ?= $(call have,libmicrohttpd)
UI_PURE := src/ui/guard.c src/ui/order.c src/ui/hub.c src/ui/show.c src/ui/listen.c
UI_SRCS := $(if $(HAVE_UI),$(wildcard src/ui/*.c),$(UI_PURE))
UI_OBJS := $(UI_SRCS:%.c=$(BUILD)/obj/%.o) $(if $(HAVE_UI),$(BUILD)/obj/gen/ui_pages.o)
UI_LIBS := $(if $(HAVE_UI),$(shell $(PKG_CONFIG) --libs libmicrohttpd)) -pthread
UI_PAGE := $(sort $(wildcard src/ui/page/*))
CPPFLAGS += -DHAVE_UI=$(if $(HAVE_UI),1,0)

$(BUILD)/gen/ui_pages.c: $(UI_PAGE) src/ui/embed.sh
	@mkdir -p $(@D)
	$(Q)sh src/ui/embed.sh $(UI_PAGE) > $@.tmp && mv $@.tmp $@
