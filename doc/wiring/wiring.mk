# SPDX-License-Identifier: GPL-2.0-or-later
# The pictures of doc/WIRING.md; lint notices one that is older than its text.
WIRINGS := $(shell sed -n 's/^picture \([^ ]*\) .*/\1/p' doc/wiring/wiring.txt)
.PHONY: wiring
wiring: $(WIRINGS:%=doc/wiring/%.svg)
doc/wiring/%.svg: doc/wiring/wiring.txt doc/wiring/wiring.sh
	sh doc/wiring/wiring.sh $< $* > $@
