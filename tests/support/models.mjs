// Stand-ins for providers of language models: `@copilotkit/aimock` 1.43.0, which speaks the protocols of
// OpenAI and Anthropic on loopback, keeps a journal of what it was asked, and fails as it is told to.
//
// Where it lies: it takes any key; it counts tokens by length; it never checks an answer against the
// schema that was asked for (which is what a server that can't do structured output does, too).

import { LLMock } from '@copilotkit/aimock';

/** What the deployment calls the providers. Both have the same stand-in behind them. */
const PROVIDERS = ['openai', 'compatible', 'anthropic'];
const PROTOCOLS = { openai: 'openai', compatible: 'openai_compatible', anthropic: 'anthropic' };

/** How an answer can break on its way. */
const BREAKS = {
  // With some time between the pieces: without, the connection is gone before its head was sent.
  cut: { chunkSize: 20, latency: 30, truncateAfterChunks: 6 },
  malformed: { chaos: { malformedRate: 1 } },
};

/** A stand-in, and the variables of a deployment that knows it. */
export class Models {
  #mock;
  #answer = wellBehaved;
  #faults = [];
  #hanging = [];
  #breaks = null;
  /** How often it was asked; the journal has only what was answered. */
  received = 0;

  static async start() {
    const models = new Models();
    models.#mock = new LLMock({ port: 0, host: '127.0.0.1' });
    await models.#mock.start();
    // What breaks on the way is told by the fixture and not by the answer.
    for (const [name, how] of Object.entries(BREAKS)) {
      models.#mock.addFixture({
        match: { predicate: () => models.#breaks === name },
        response: (request) => {
          models.received += 1;
          models.#breaks = null;
          return say(wellBehaved(shown(request)));
        },
        ...how,
      });
    }
    // Faults come first, one a request; then whatever the test says, for whoever asks.
    models.#mock.addFixture({
      match: { predicate: () => true },
      response: async (request) => {
        models.received += 1;
        const fault = models.#faults.shift();
        if (fault) return fault;
        return say(await models.#answer(shown(request)));
      },
    });
    return models;
  }

  /** Breaks the next answer on its way: `cut` in the middle of a stream, or `malformed`. */
  breaksNext(how) {
    this.#breaks = how;
  }

  /** Answers nothing, until it is closed. */
  hangs() {
    this.answers(() => new Promise((resolve) => this.#hanging.push(resolve)));
  }

  close() {
    for (const end of this.#hanging.splice(0)) end({});
    return this.#mock.stop();
  }

  /** The address of the stand-in. */
  get url() {
    return this.#mock.url;
  }

  /** What `MODELS` says, with `more` beside it. */
  catalog(more = {}) {
    return {
      default: 'openai/gpt-test',
      timeout_seconds: 3,
      providers: PROVIDERS.map((name) => ({
        name,
        protocol: PROTOCOLS[name],
        base_url: `${this.url}/v1`,
        own_keys: name === 'openai',
        models: [{ name: 'gpt-test', input_per_million: 2, output_per_million: 10 }],
      })),
      ...more,
    };
  }

  /** The variables and secrets of a deployment with these models. */
  configured(more) {
    return {
      vars: { MODELS: JSON.stringify(this.catalog(more)) },
      secrets: { MODEL_KEY_OPENAI: 'sk-of-the-deployment-0001', MODEL_KEY_ANTHROPIC: 'sk-ant-of-the-deployment-0001' },
    };
  }

  /** Answers from now on with what this makes of what is shown. */
  answers(with_) {
    this.#answer = with_;
  }

  /** Fails the next requests, one after the other. */
  failsNext(...faults) {
    this.#faults.push(...faults);
  }

  /** Forgets what was asked, and what was to fail. */
  reset() {
    this.#mock.clearRequests();
    this.#faults.length = 0;
    this.received = 0;
    this.#breaks = null;
    this.answers(wellBehaved);
  }

  /** The journal: what was asked, oldest first. */
  get asked() {
    return this.#mock.getRequests();
  }

  /** All that was ever sent to it, as one text. */
  get sent() {
    return JSON.stringify(this.asked.map(({ body }) => body));
  }
}

/** An error of a provider. */
export const fault = (status, retryAfter) => ({
  error: { message: 'told to', type: status === 529 ? 'overloaded_error' : 'api_error' },
  status,
  ...(retryAfter !== undefined && { retryAfter }),
});

/** What it costs; the stand-in counts by itself, but not for every protocol. */
const COUNTED = { input_tokens: 800, output_tokens: 120, prompt_tokens: 800, completion_tokens: 120, total_tokens: 920 };

/** An answer in the form of the stand-in. */
export const say = (answer) => ({ content: typeof answer === 'string' ? answer : JSON.stringify(answer), usage: COUNTED });

/** What the model is shown of a message: the JSON of the user's turn. */
export function shown(request) {
  const turn = request.messages.find(({ role }) => role === 'user');
  const content = typeof turn.content === 'string' ? turn.content : turn.content.map(({ text }) => text).join('');
  return JSON.parse(content);
}

/** A model that does as it is told: the last sentence is the summary and the task. */
export function wellBehaved({ sentences }) {
  const last = sentences.at(-1);
  return {
    category: 'task',
    priority: 'high',
    needs_reply: true,
    sentiment: 'neutral',
    summary: [{ text: `In short: ${last.text}`.slice(0, 200), sentences: [last.n] }],
    tasks: [{ sentence: last.n, title: 'Send the figures soon', kind: 'request', owner: 'reader' }],
  };
}
