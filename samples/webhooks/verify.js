// Verifies a delivery with nothing but Node's own library.
const { createHmac, createPublicKey, timingSafeEqual, verify } = require('node:crypto');

const TOLERANCE_SECONDS = 5 * 60;

// secret: whsec_…; headers: an object with lower-case names; body: the raw bytes, before any JSON parser had them.
function isAuthentic(secret, headers, body, now = Date.now() / 1000) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !signatures || !(Math.abs(now - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(signed).digest();
  return signatures.split(' ').some((signature) => {
    const [version, value] = signature.split(',');
    const given = Buffer.from(value ?? '', 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// The same by the endpoint's public key (whpk_…): the receiver keeps nothing that could sign.
function isAuthenticByKey(publicKey, headers, body, now = Date.now() / 1000) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !signatures || !(Math.abs(now - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const raw = Buffer.from(publicKey.slice('whpk_'.length), 'base64');
  const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  return signatures.split(' ').some((signature) => {
    const [version, value] = signature.split(',');
    return version === 'v1a' && verify(null, signed, key, Buffer.from(value ?? '', 'base64'));
  });
}

module.exports = { isAuthentic, isAuthenticByKey };

// node verify.js ID TIMESTAMP SIGNATURES < body, with WEBHOOK_SECRET (and perhaps WEBHOOK_PUBLIC_KEY) in the environment.
if (require.main === module) {
  const [id, timestamp, signatures] = process.argv.slice(2);
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures };
  const body = require('node:fs').readFileSync(0);
  const good = isAuthentic(process.env.WEBHOOK_SECRET, headers, body)
    && (!process.env.WEBHOOK_PUBLIC_KEY || isAuthenticByKey(process.env.WEBHOOK_PUBLIC_KEY, headers, body));
  console.log(good ? 'authentic' : 'not authentic');
  process.exit(good ? 0 : 1);
}
