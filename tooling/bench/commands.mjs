import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'

const cli = join(import.meta.dirname, '../../apps/cli/dist/bin.js')

/** Whether there is such a program here, and it says its version. */
export function isInstalled(program) {
  return spawnSync(program, ['version'], { stdio: 'ignore' }).status === 0
}

/** This product's command, with these arguments. */
export const ours = (args, env = {}) => used([process.execPath, cli, ...args], env)

/** Runs a program in a shell that tells how long its children used the processor. Gives both times, in ms. */
export async function used(command, env = {}) {
  const script = '"$@" > /dev/null 2>&3 || exit; times'
  const begun = performance.now()
  const { stdout, stderr, status } = await ended('bash', ['-c', script, 'bash', ...command], env)
  const wall = performance.now() - begun
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`)
  const [user, system] = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2)
  return { wall, processor: inMs(user) + inMs(system) }
}

const inMs = ([, minutes, seconds]) => (Number(minutes) * 60 + Number(seconds)) * 1000

/** Not the synchronous one: the S3 server that a program asks may be in this process. */
function ended(program, args, env) {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const texts = ['', '']
  child.stdout.on('data', (data) => {
    texts[0] += data
  })
  child.stdio[3].on('data', (data) => {
    texts[1] += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ stdout: texts[0], stderr: texts[1], status }))
  })
}
