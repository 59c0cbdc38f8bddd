{
  "target_defaults": {
    "cflags": ["-O2", "-Wall", "-Wextra", "-Werror"],
    "ldflags": ["-static"]
  },
  "targets": [
    {
      "target_name": "keeper",
      "type": "executable",
      "sources": [
        "native/main.c",
        "native/arguments.c",
        "native/text.c",
        "native/log.c",
        "native/attach.c",
        "native/relay.c",
        "native/record.c"
      ]
    },
    {
      "target_name": "init",
      "type": "executable",
      "sources": ["native/init.c"]
    },
    {
      "target_name": "keeper-launch",
      "type": "executable",
      "sources": ["native/testing/launch.c"]
    }
  ]
}
