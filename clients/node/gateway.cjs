// What every script stands on: what is asked, and how an answer is judged. The test that starts a
// script sets the SDKs' own variables for base URL and key, and `TIERGATE_UPSTREAM`.
"use strict";

const assert = require("node:assert/strict");
const readline = require("node:readline");

// A script that hangs ends with a word instead of with nothing.
const hangs = setTimeout(() => {
  console.error("the script did not end in time");
  process.exit(1);
}, 150_000);
hangs.unref();

const TIER = "haiku";
const MODEL = "plain";
const NAMES = [TIER, MODEL, "claude-haiku-4-5-20251001", "gpt-4o-mini-2024-07-18"];
const SYSTEM = "Answer in brief.";
const QUESTION = "What is the capital of France?";
// The fake provider says its own id and what it heard, a piece a word, and counts words.
const SAID = `fake-plain heard: ${QUESTION}`;
const INPUT_WORDS = `${SYSTEM} ${QUESTION}`.split(" ").length;
const OUTPUT_PIECES = SAID.split(" ").length;

/** Judges a streamed answer: it comes piece by piece, and nothing is lost. */
function checkPieces(pieces) {
  assert.equal(pieces.join(""), SAID);
  assert.equal(pieces.length, OUTPUT_PIECES);
}

/** Judges the usage of an answer to the question. */
function checkTokens(input, output) {
  assert.deepEqual([input, output], [INPUT_WORDS, OUTPUT_PIECES]);
}

/** Judges what an answer's headers say of its decision. */
function checkHeaders(headers) {
  assert.match(headers.get("tiergate-decision"), /^[0-9a-f]{32}$/);
  assert.equal(headers.get("tiergate-tier"), TIER);
  assert.equal(headers.get("tiergate-model"), MODEL);
  assert.equal(headers.get("tiergate-error"), null);
}

/** Returns the error with which a call fails. */
async function failure(call) {
  try {
    const answer = await call();
    throw new assert.AssertionError({ message: `answered: ${JSON.stringify(answer)}` });
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return error;
  }
}

const lines = readline.createInterface({ input: process.stdin });
const answers = lines[Symbol.asyncIterator]();

/** Says where the script is, and waits until the test has looked. */
async function meet(word) {
  process.stdout.write(`${word}\n`);
  const { done } = await answers.next();
  assert.ok(!done, "the test has gone");
}

/** Runs a script to its end; a fault ends the process with its stack. */
function run(main) {
  main().then(
    () => lines.close(),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}

module.exports = {
  ...{ TIER, MODEL, NAMES, SYSTEM, QUESTION, SAID },
  ...{ checkPieces, checkTokens, checkHeaders, failure, meet, run },
};
