/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gates, in the order in which they are asked within their stage: first what makes the question
 * itself senseless, then the chip, the file, the state folder, and last whose data are at stake. */
#ifndef NP_JOB_GATE_TABLE_H
#define NP_JOB_GATE_TABLE_H

/* clang-format off */
#define GATES(X) \
	X(host_flash) \
	X(size_override) \
	X(erase_unknown) \
	X(size_contradiction) \
	X(supply) \
	X(selection) \
	X(chip_erase) \
	X(packed_file) \
	X(foreign_file) \
	X(swapped_dump) \
	X(capsule) \
	X(upgrade_at_zero) \
	X(header_in_front) \
	X(damaged_file) \
	X(file_size) \
	X(changed_file) \
	X(moved_bytes) \
	X(other_type) \
	X(other_unit) \
	X(suspicious_file) \
	X(state_folder) \
	X(unfinished_job) \
	X(orphan_job) \
	X(mirror) \
	X(bad_read) \
	X(ambiguous_device) \
	X(layout_fit) \
	X(other_device) \
	X(wrong_part) \
	X(missing_regions) \
	X(other_map) \
	X(lost_value) \
	X(keep_blank) \
	X(unit_data) \
	X(unit_form) \
	X(unknown_device) \
	X(placeholder) \
	X(flawed_value) \
	X(unsure_bytes) \
	X(lost_file) \
	X(other_chip) \
	X(unproven_chip) \
	X(base_assumed) \
	X(one_read)
/* clang-format on */

#endif
