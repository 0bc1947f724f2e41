/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "view/text.h"

/* One line of the terminal, without its end; what is too long is no answer. */
static int
read_answer(char *answer, size_t size, struct error *e)
{
	ssize_t n;

	do {
		n = read(STDIN_FILENO, answer, size - 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_sys(e, "read the answer");
	answer[n] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return 0;
}

int
cmd_confirm(const struct cmd_args *a, bool yes, const char *question,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	char answer[64];

	if (yes || a->plan)
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return error_set(e, ERROR_USAGE, "%s: no terminal to ask on; "
		    "-y answers yes", a->cmd->name);
	text_clean_lines(&text, question, strlen(question));
	buf_puts(&text, " [y/N] ");
	if (file_write_fd(STDERR_FILENO, text.data, text.len, e) < 0 ||
	    read_answer(answer, sizeof(answer), e) < 0)
		return -1;
	if (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0)
		return 0;
	return error_set(e, ERROR_FAILED, "nothing was done");
}
