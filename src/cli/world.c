/* What verbs share: a configuration file, the machine's time zones. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

static const char *const zone_folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                           "/usr/share/lib/zoneinfo"};

bool pl_cli_zone(void *ctx, const char *name, pl_buf *out) {
  (void)ctx;
  if (*name == '/' || strstr(name, "..")) return false;
  for (size_t i = 0; i < PL_COUNT(zone_folders); i++) {
    char path[512];
    if (snprintf(path, sizeof path, "%s/%s", zone_folders[i], name) >= (int)sizeof path) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    char block[4096];
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0) pl_buf_put(out, block, (size_t)n);
    (void)close(fd);
    return n == 0 && out->n > 0 && !out->full;
  }
  return false;
}

static bool zone_exists(const char *name, void *ctx) {
  pl_buf bytes;
  pl_buf_init(&bytes, 1 << 16);
  bool there = pl_cli_zone(ctx, name, &bytes);
  pl_buf_fini(&bytes);
  return there;
}

pl_config *pl_cli_config_with(const char *path, const struct pl_yaml *over, pl_buf *errors) {
  static const pl_config_world world = {zone_exists, NULL};
  pl_config *config = NULL;
  return pl_config_load(&config, path, over, &world, errors) == PL_OK ? config : NULL;
}

pl_config *pl_cli_config(const char *path) {
  pl_buf errors;
  pl_buf_init(&errors, 1 << 20);
  pl_config *config = pl_cli_config_with(path, NULL, &errors);
  if (!config) (void)fwrite(errors.p, 1, errors.n, stderr);
  pl_buf_fini(&errors);
  return config;
}
