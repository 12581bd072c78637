// Starts fauxqs on a free port of the loopback interface, prints its URL, and ends with its parent.
import { buildApp } from "fauxqs";

const app = buildApp({ logger: false });
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
console.log(await app.listen({ port: 0, host: "127.0.0.1" }));
