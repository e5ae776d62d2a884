// The shop under the host name a scenario expects: TLS with a test certificate made on the spot.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { run } from './processes.mjs';

/* Listens on a free port and passes everything to http://127.0.0.1:target. */
export async function tlsFront(work, host, target) {
  const key = path.join(work, 'test-key.pem');
  const certificate = path.join(work, 'test-certificate.pem');
  run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`,
    '-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', certificate]);
  const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(certificate) }, (request, answer) => {
    const onward = http.request({ host: '127.0.0.1', port: target, path: request.url, method: request.method, headers: request.headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    request.pipe(onward);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { port: server.address().port, close: () => { server.closeAllConnections(); server.close(); } };
}
