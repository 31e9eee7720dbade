/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/show.h"

#include <string.h>

#include "ui/hub.h"

#define STEPS_SHOWN 1000

#define INT(value) ((json_int_t)(value))

json_t *ui_show_error(const struct norprog_error *error)
{
	return json_pack("{s:s, s:o, s:o, s:o}", "code", norprog_code_name(error->code), "message",
	                 ui_text(error->message), "hint", ui_text(error->hint), "gate",
	                 ui_text(error->gate));
}

json_t *ui_show_programmer(const struct norprog_programmer *programmer)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "driver",
	                 ui_text(programmer->driver), "where", ui_text(programmer->where),
	                 "product", ui_text(programmer->product), "bound",
	                 ui_text(programmer->bound), "spec", ui_text(programmer->spec), "note",
	                 ui_text(programmer->note), "may_open", programmer->may_open);
}

json_t *ui_show_chip(const struct norprog_chip *chip)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:b, s:I, s:I, s:I}", "name",
	                 ui_text(chip->name), "maker", ui_text(chip->maker), "size",
	                 INT(chip->size), "id", ui_text(chip->jedec_id), "unique_id",
	                 ui_text(chip->unique_id), "note", ui_text(chip->note), "programmer",
	                 ui_text(chip->programmer), "low_voltage", chip->low_voltage, "hz",
	                 INT(chip->hz), "id_reads", INT(chip->id_reads), "id_agreed",
	                 INT(chip->id_agreed));
}

json_t *ui_show_diagnosis(const struct norprog_diagnosis *diagnosis)
{
	json_t *checks = json_array();

	for (size_t i = 0; i < diagnosis->check_count; i++)
		json_array_append_new(checks, json_pack("{s:o, s:o, s:o}", "name",
		                                        ui_text(diagnosis->checks[i].name), "level",
		                                        ui_text(diagnosis->checks[i].level), "text",
		                                        ui_text(diagnosis->checks[i].text)));
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "good", diagnosis->code == 0,
	                 "verdict", ui_text(diagnosis->verdict), "conclusion",
	                 ui_text(diagnosis->conclusion), "action", ui_text(diagnosis->action),
	                 "programmer", ui_text(diagnosis->programmer), "wiring",
	                 ui_text(diagnosis->wiring), "checks", checks);
}

json_t *ui_show_protection(const struct norprog_protection *protection)
{
	json_t *ranges = json_array();

	for (size_t i = 0; i < protection->range_count; i++)
		json_array_append_new(ranges, json_pack("[I, I]", INT(protection->ranges[i].start),
		                                        INT(protection->ranges[i].len)));
	return json_pack("{s:o, s:o, s:b, s:o}", "text", ui_text(protection->text), "meaning",
	                 ui_text(protection->meaning), "locked", protection->locked, "ranges",
	                 ranges);
}

static json_t *show_region(const struct norprog_region *region)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:b, s:b}", "name", ui_text(region->name),
	                 "holds", ui_text(region->holds), "doubt", ui_text(region->doubt), "start",
	                 INT(region->start), "len", INT(region->len), "unit", region->unit, "boot",
	                 region->boot);
}

json_t *ui_show_layout(const norprog_layout *layout)
{
	const struct norprog_layout_info *info = norprog_layout_info(layout);
	const struct norprog_region *region;
	json_t *regions;

	if (!info)
		return json_null();
	regions = json_array();
	for (size_t i = 0; (region = norprog_layout_region(layout, i)); i++)
		json_array_append_new(regions, show_region(region));
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:b, s:o}", "name", ui_text(info->name),
	                 "device", ui_text(info->device), "source", ui_text(info->source), "doubt",
	                 ui_text(info->doubt), "size", INT(info->size), "profile", info->profile,
	                 "regions", regions);
}

json_t *ui_show_fields(const norprog_image *image)
{
	static const char *const states[] = {"good", "doubtful", "placeholder"};
	json_t *fields = json_array();
	const struct norprog_field *field;

	for (size_t i = 0; (field = norprog_image_field(image, i)); i++)
		json_array_append_new(
			fields,
			json_pack("{s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:s}", "name",
		                  ui_text(field->name), "type", ui_text(field->type), "start",
		                  INT(field->start), "len", INT(field->len), "value",
		                  ui_text(field->value), "flaw", ui_text(field->flaw), "doubt",
		                  ui_text(field->doubt), "state", states[field->state]));
	return fields;
}

json_t *ui_show_image(const norprog_image *image)
{
	const struct norprog_image_info *info = norprog_image_info(image);

	if (!info)
		return json_null();
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:I, s:b, s:b, s:o, s:o}", "len",
	                 INT(info->len), "kind", ui_text(info->kind), "text", ui_text(info->text),
	                 "why", ui_text(info->why), "profile", ui_text(info->profile), "has_place",
	                 info->has_place, "place", INT(info->place), "region",
	                 ui_text(info->region), "strip", INT(info->strip), "truncated",
	                 info->truncated, "damaged", info->damaged, "layout",
	                 ui_show_layout(info->layout), "fields", ui_show_fields(image));
}

json_t *ui_show_backup(const struct norprog_backup *backup)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:b, s:b, s:I}", "path",
	                 ui_text(backup->path), "operation", ui_text(backup->operation), "chip",
	                 ui_text(backup->chip), "profile", ui_text(backup->profile), "date",
	                 ui_text(backup->date), "chip_size", INT(backup->chip_size), "size",
	                 INT(backup->size), "sha256", ui_text(backup->sha256), "whole",
	                 backup->whole, "this_chip", backup->this_chip, "passes",
	                 INT(backup->passes));
}

json_t *ui_show_unfinished(const struct norprog_unfinished *job)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "operation", ui_text(job->operation),
	                 "chip", ui_text(job->chip), "unique_id", ui_text(job->unique_id),
	                 "started", ui_text(job->started), "backup", ui_text(job->backup),
	                 "damaged", job->damaged);
}

json_t *ui_show_part(const struct norprog_part *part)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:b, s:o, s:o}", "name", ui_text(part->name),
	                 "maker", ui_text(part->maker), "id", ui_text(part->jedec_id), "size",
	                 INT(part->size), "low_voltage", part->low_voltage, "proven",
	                 ui_text(part->proven), "note", ui_text(part->note));
}

/* ---- jobs ---- */

static json_t *show_steps(const norprog_job *job)
{
	json_t *steps = json_array();
	const struct norprog_step *step;

	for (size_t i = 0; i < STEPS_SHOWN && (step = norprog_job_step(job, i)); i++)
		json_array_append_new(steps,
		                      json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "start",
		                                INT(step->start), "len", INT(step->len), "erase",
		                                INT(step->erase), "pages", INT(step->pages), "us",
		                                INT(step->duration_us), "regions",
		                                ui_text(step->regions)));
	return steps;
}

json_t *ui_show_plan(const norprog_job *job)
{
	const struct norprog_plan *plan = norprog_job_plan_of(job);

	if (!plan)
		return json_null();
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:o}", "nothing", plan->nothing_to_do,
	                 "erase_bytes", INT(plan->erase_bytes), "program_bytes",
	                 INT(plan->program_bytes), "changed_bytes", INT(plan->changed_bytes), "us",
	                 INT(plan->duration_us), "count", INT(plan->steps), "steps",
	                 show_steps(job));
}

static int can_override(const char *name)
{
	const struct norprog_gate *gate;

	for (size_t i = 0; (gate = norprog_gate(i)); i++)
		if (strcmp(gate->name, name) == 0)
			return gate->can_override;
	return 0;
}

json_t *ui_show_verdicts(const norprog_job *job)
{
	static const char *const kinds[] = {"pass", "warning", "refusal"};
	json_t *verdicts = json_array();
	const struct norprog_verdict *one;

	for (size_t i = 0; (one = norprog_job_verdict(job, i)); i++)
		json_array_append_new(verdicts,
		                      json_pack("{s:o, s:s, s:o, s:o, s:b, s:b}", "gate",
		                                ui_text(one->gate), "kind", kinds[one->kind],
		                                "message", ui_text(one->message), "hint",
		                                ui_text(one->hint), "overridden", one->overridden,
		                                "can_override", can_override(one->gate)));
	return verdicts;
}

json_t *ui_show_result(const struct norprog_result *result)
{
	if (!result)
		return json_null();
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:I,"
	                 " s:b, s:b, s:b, s:b, s:I, s:I}",
	                 "nothing", result->nothing_to_do, "changed_bytes",
	                 INT(result->changed_bytes), "erased_bytes", INT(result->erased_bytes),
	                 "programmed_bytes", INT(result->programmed_bytes), "verified_bytes",
	                 INT(result->verified_bytes), "retried_blocks", INT(result->retried_blocks),
	                 "us", INT(result->duration_us), "backup", ui_text(result->backup), "file",
	                 ui_text(result->file), "sha256", ui_text(result->sha256), "file_bytes",
	                 INT(result->file_bytes), "passes", INT(result->passes), "disagreed_blocks",
	                 INT(result->disagreed_blocks), "all_ff", result->all_ff, "all_00",
	                 result->all_00, "equal_halves", result->equal_halves, "zero_bursts",
	                 result->zero_bursts, "differing_bytes", INT(result->differing_bytes),
	                 "first", INT(result->first));
}
