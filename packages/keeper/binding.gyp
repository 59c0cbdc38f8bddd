{
  "target_defaults": {
    "type": "executable",
    "cflags": ["-O2", "-Wall", "-Wextra", "-Werror"],
    "ldflags": ["-static"],
  },
  "targets": [
    {
      "target_name": "keeper",
      "sources": [
        "native/main.c",
        "native/arguments.c",
        "native/text.c",
        "native/log.c",
        "native/attach.c",
        "native/relay.c",
        "native/record.c",
      ],
    },
    {
      "target_name": "keeper-launch",
      "sources": ["native/testing/launch.c"],
    },
  ],
}
