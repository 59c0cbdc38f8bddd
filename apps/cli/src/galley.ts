import { main } from "./main.ts";
import { reportError } from "./report-error.ts";

process.on("uncaughtException", (error) => process.exit(reportError(error, { calledAs: "galley", logLevel: "warn" })));

// What may still be open (a socket kept alive, an unread terminal) is no reason to stay.
process.exit(await main(process.argv.slice(2)));
