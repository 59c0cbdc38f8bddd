/* What the quickstart's image runs: says hello, and what a process can see of its own container. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LINE_SIZE 4096

/* Copies the value of a `Name:\tvalue` line of /proc/self/status into value; "?" when there is none. */
static void status_value(const char *name, char value[LINE_SIZE])
{
	char line[LINE_SIZE];
	FILE *status = fopen("/proc/self/status", "re");

	strcpy(value, "?");
	while (status != NULL && fgets(line, sizeof line, status) != NULL) {
		size_t length = strlen(name);

		if (strncmp(line, name, length) != 0 || line[length] != ':')
			continue;
		strcpy(value, line + length + 1 + strspn(line + length + 1, " \t"));
		value[strcspn(value, "\n")] = '\0';
		break;
	}
	if (status != NULL)
		fclose(status);
}

static int capability_count(void)
{
	char value[LINE_SIZE];

	status_value("CapEff", value);
	return __builtin_popcountll(strtoull(value, NULL, 16));
}

static const char *seccomp_mode(void)
{
	char value[LINE_SIZE];

	status_value("Seccomp", value);
	return strcmp(value, "2") == 0 ? "filter" : strcmp(value, "1") == 0 ? "strict" : "off";
}

/* Prints this process's line of /proc/self/cgroup: the one of version 2, or of version 1's memory controller. */
static void print_cgroup(void)
{
	char line[LINE_SIZE];
	FILE *cgroup = fopen("/proc/self/cgroup", "re");

	while (cgroup != NULL && fgets(line, sizeof line, cgroup) != NULL) {
		if (strstr(line, ":memory:") != NULL || strcmp(line, "0::/\n") == 0) {
			printf("cgroup        %s", line);
			break;
		}
	}
	if (cgroup != NULL)
		fclose(cgroup);
}

int main(void)
{
	struct utsname host;

	uname(&host);
	printf("Hello from a container.\n");
	printf("pid           %d\n", (int)getpid());
	printf("hostname      %s\n", host.nodename);
	printf("uid           %d\n", (int)getuid());
	printf("capabilities  %d\n", capability_count());
	printf("seccomp       %s\n", seccomp_mode());
	print_cgroup();
	return 0;
}
