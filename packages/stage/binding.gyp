{
  "target_defaults": {
    "cflags": ["-O2", "-Wall", "-Wextra", "-Werror"],
    "cflags!": ["-fPIC"],
    "ldflags": ["-static", "-s"]
  },
  "targets": [
    {
      "target_name": "stage",
      "type": "executable",
      "sources": [
        "native/main.c",
        "native/plan.c",
        "native/control.c",
        "native/report.c",
        "native/perform.c",
        "native/lanes.c",
        "native/path.c",
        "native/files.c",
        "native/remove.c",
        "native/mounts.c",
        "native/process.c"
      ]
    },
    { "target_name": "walk", "type": "executable", "sources": ["native/walk.c"] }
  ]
}
