// Answers as Workers AI does in JSON mode, and throws as it does, by what the letter says.

import { WorkerEntrypoint } from 'cloudflare:workers';

export class Ai extends WorkerEntrypoint {
  async run(model, inputs) {
    const { sentences } = JSON.parse(inputs.messages[1].content);
    const said = sentences.map(({ text }) => text).join(' ');
    if (said.includes('crowded')) throw new Error('3040: No more data centers to forward the request to');
    if (said.includes('unknown')) throw new Error(`5007: No such model ${model} or task`);
    if (inputs.response_format.type !== 'json_schema' || !inputs.response_format.json_schema.properties) {
      throw new Error('5005: Invalid or incomplete input for the model');
    }
    const last = sentences.at(-1);
    const answer = {
      category: 'task', priority: 'high', needs_reply: true, sentiment: 'neutral',
      summary: [{ text: last.text, sentences: [last.n] }],
      tasks: [{ sentence: last.n, title: 'Send the figures soon', kind: 'request', owner: 'reader' }],
    };
    const response = said.includes('in text') ? JSON.stringify(answer) : answer;
    return { response, usage: { prompt_tokens: 700, completion_tokens: 90, total_tokens: 790 } };
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };
