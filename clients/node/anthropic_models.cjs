// `models.list()` and `models.retrieve()` show what the key may ask for, and nothing sealed.
"use strict";

const assert = require("node:assert/strict");
const Anthropic = require("@anthropic-ai/sdk");
const gateway = require("./gateway.cjs");

const client = new Anthropic({ maxRetries: 0 });

gateway.run(async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  for (const name of [gateway.TIER, gateway.MODEL]) assert.ok(ids.includes(name), String(ids));
  for (const name of ["capybara", "hidden"]) assert.ok(!ids.includes(name), String(ids));
  for (const id of ids) assert.equal((await client.models.retrieve(id)).id, id);
  for (const name of ["no-such-model", "capybara"]) {
    const error = await gateway.failure(() => client.models.retrieve(name));
    assert.equal(error.constructor, Anthropic.NotFoundError);
    assert.equal(error.error.error.details.error_code, "model_not_found");
  }
});
