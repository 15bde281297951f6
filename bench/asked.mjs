// Programs that run beside the figures and answer when they are asked: the natives, and Python.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program that answers every line with a line. */
export class Asked {
  #child;
  #lines;

  constructor(program, parameters) {
    this.#child = spawn(program, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(line) {
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#child.spawnfile} ended without an answer`);
    return value;
  }

  stop() {
    this.#child.kill();
  }
}
