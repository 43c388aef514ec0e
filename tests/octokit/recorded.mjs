// Serves the answers that GitHub's people recorded, on 127.0.0.1. In: nothing. Out: a line with its
// address once it listens; POST /fixtures {"scenario": NAME} then says where a scenario begins.
import express from "express";
import fixturesServer from "@octokit/fixtures-server";
import DEFAULTS from "@octokit/fixtures-server/lib/defaults.js";

// A recording also holds the headers of the client that was recorded; another one sends its own.
const fixtures = Object.fromEntries(
  Object.entries(DEFAULTS.fixtures).map(([name, exchanges]) => [
    name,
    exchanges.map((exchange) => ({ ...exchange, reqheaders: {} })),
  ]),
);

const app = express();
const server = app.listen(0, "127.0.0.1", () => {
  const fixturesUrl = `http://127.0.0.1:${server.address().port}`;
  app.use(fixturesServer({ fixtures, fixturesUrl, logLevel: "silent" }));
  console.log(`listening on ${fixturesUrl}`);
});
