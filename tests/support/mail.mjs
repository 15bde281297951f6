// Small messages to import.

let made = 0;

/** A message (RFC 5322); each has its own Message-ID and subject unless told otherwise. */
export function message({ from = 'Ana Lima <ana@example.org>', to = 'person1@example.com', subject, text, headers = {} } = {}) {
  made += 1;
  const lines = {
    From: from,
    To: to,
    Subject: subject ?? `Message ${made} of ${from}`,
    Date: 'Mon, 16 Nov 2026 09:00:00 +0100',
    'Message-ID': `<${made}.${process.pid}@example.org>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${head}\r\n${text ?? 'Could you please send me the signed contract by Friday?\r\n'}`;
}

/** Imports one message and answers `{job, email}` when all work on it is done. */
export async function importMessage(client, source = message()) {
  const answer = await client.post('/emails/import', source, {
    headers: { 'content-type': 'message/rfc822' },
  });
  if (answer.status !== 202) throw new Error(`import: ${answer.status} ${answer.text}`);
  const before = answer.body.id;
  const job = await client.job(before);
  const [email] = (await client.get('/emails?limit=1')).body.items;
  return { job, email };
}
