//go:build !headless

package ui

/*
#include <stddef.h>
#include <string.h>

// Fyne reads the user's language while Go's packages are set up, before any code
// of ours, and complains on stderr about the locales C and POSIX. So they read
// as English until its package is ready: the environment's own array is changed,
// which is the one that Go copies.
static char *kept[4];
static int count;

static int plain(const char *entry, const char *name) {
	size_t n = strlen(name);
	if (strncmp(entry, name, n) != 0 || entry[n] != '=') return 0;
	const char *value = entry + n + 1;
	return strcmp(value, "C") == 0 || strncmp(value, "C.", 2) == 0 || strcmp(value, "POSIX") == 0;
}

__attribute__((constructor)) static void speak_english(int argc, char **argv, char **env) {
	for (; env && *env && count < 4; env++) {
		if (plain(*env, "LANG")) { kept[count++] = *env; *env = "LANG=en"; }
		else if (plain(*env, "LC_ALL")) { kept[count++] = *env; *env = "LC_ALL=en"; }
		else if (plain(*env, "LC_MESSAGES")) { kept[count++] = *env; *env = "LC_MESSAGES=en"; }
		else if (plain(*env, "LANGUAGE")) { kept[count++] = *env; *env = "LANGUAGE=en"; }
	}
}

static int kept_count(void) { return count; }
static char *kept_at(int i) { return kept[i]; }
*/
import "C"

import (
	"os"
	"strings"
)

// init gives the environment back: programs we start get the user's own.
func init() {
	for i := range int(C.kept_count()) {
		if name, value, ok := strings.Cut(C.GoString(C.kept_at(C.int(i))), "="); ok {
			os.Setenv(name, value)
		}
	}
}
