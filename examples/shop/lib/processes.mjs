// Starts the demo's processes, waits until they answer, ends them by their own handles.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';

const running = [];

/* Starts a process whose output goes to a file; resolves when `ready` appears in it. */
export function start(name, command, args, { ready, log, env = {}, timeoutMs = 30000 }) {
  const out = fs.openSync(log, 'w');
  const child = spawn(command, args, { stdio: ['ignore', out, out], env: { ...process.env, ...env } });
  fs.closeSync(out);
  const entry = { name, child, ended: false };
  running.push(entry);
  child.on('exit', () => { entry.ended = true; });
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + timeoutMs;
    const look = () => {
      const text = fs.readFileSync(log, 'utf8');
      if (ready.test(text)) return resolve(entry);
      if (entry.ended || Date.now() > deadline) return reject(new Error(`${name} did not start:\n${text}`));
      setTimeout(look, 20);
    };
    child.on('error', reject);
    look();
  });
}

export function stop(entry) {
  if (entry.ended) return Promise.resolve();
  return new Promise((resolve) => {
    const hard = setTimeout(() => entry.child.kill('SIGKILL'), 15000);
    entry.child.on('exit', () => { clearTimeout(hard); resolve(); });
    entry.child.kill('SIGTERM');
  });
}

export async function stopAll() {
  for (const entry of running.reverse()) await stop(entry);
  running.length = 0;
}

/* Runs a command to its end and answers its output. */
export function run(command, args, input) {
  const done = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${done.status}\n${done.stderr}`);
  return done.stdout;
}
