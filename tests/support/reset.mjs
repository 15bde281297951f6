// Reset messages, as a deployment without a mail service keeps them.

import assert from 'node:assert/strict';

import { eventually } from './client.mjs';

/** The messages that were kept for a person, the oldest first. */
export const messagesOf = async (world, id) =>
  (await world.database.all('SELECT message FROM development_mailbox WHERE user_id = ? ORDER BY id', id)).map(({ message }) => message);

/** Asks for a message, waits for it, and answers the token of its link. */
export async function resetToken(world, person) {
  const before = (await messagesOf(world, person.id)).length;
  const answer = await world.anonymous().post('/auth/password/reset', { email: person.user.email });
  assert.equal(answer.status, 202, answer.text);
  const messages = await eventually(async () => {
    const found = await messagesOf(world, person.id);
    return found.length > before ? found : false;
  }, { what: 'a reset message' });
  return tokenOf(world, messages.at(-1));
}

/** The token of a message's link. */
export function tokenOf(world, message) {
  const [, link, token] = /^((\S+)#token=\S+)\r$/m.exec(message) ?? [];
  assert.ok(link?.startsWith(`${world.publicUrl}/reset-password#token=`), message);
  assert.match(link.split('=')[1], /^[\w-]{43}$/);
  return link.slice(token.length + '#token='.length);
}
