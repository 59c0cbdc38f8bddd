// A stand-in until the command line lands: what the bundle starts from.
process.stdout.write("galley " + process.version + "\n");
