/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * What ends an execution.  A finding ends the program, with the reason on standard error: CHECK(), a sanitizer, an
 * assertion of tests/unit, panic() always, and give_up() unless the target has said that its input may lead there.
 */
#ifndef REFLEX_TESTS_FUZZ_CHECK_H
#define REFLEX_TESTS_FUZZ_CHECK_H

#include <setjmp.h>

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

void check_failed(const char *file, int line, const char *condition) __attribute__((noreturn));

/* Where give_up() goes, with longjmp(); NULL: it is a finding. */
extern jmp_buf *on_give_up;

#endif
