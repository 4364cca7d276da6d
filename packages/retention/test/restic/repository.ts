import { execFileSync } from 'node:child_process'
import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { poly1305 } from './poly1305.ts'

interface Keys {
  readonly encrypt: Buffer
  readonly k: Buffer
  readonly r: Buffer
}

const password = 'restic'
const environment = (timezone: string) => ({
  PATH: process.env.PATH,
  TZ: timezone,
  RESTIC_PASSWORD: password,
  HOME: '/nowhere',
})

/** Runs restic as it is installed, on clocks of a time zone. */
export function restic(folder: string, timezone: string, ...args: string[]): string {
  return execFileSync('restic', ['--repo', folder, '--no-cache', '--no-lock', ...args], {
    env: environment(timezone),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** A repository of restic into which snapshots are written whose times and hosts are chosen. They hold no files. */
export function resticRepository(folder: string) {
  execFileSync('restic', ['--repo', folder, '--no-cache', 'init', '--repository-version', '1'], {
    env: environment('UTC'),
    stdio: 'pipe',
  })
  const keys = masterKeys(join(folder, 'keys'))
  return {
    write(host: string, times: readonly string[]) {
      for (const time of times) {
        const snapshot = { time, tree: '0'.repeat(64), paths: ['/data'], hostname: host, username: 'root' }
        store(join(folder, 'snapshots'), seal(JSON.stringify(snapshot), keys))
      }
    },
    clear() {
      rmSync(join(folder, 'snapshots'), { recursive: true })
      mkdirSync(join(folder, 'snapshots'))
    },
  }
}

/** The keys of the repository; the file that holds them is replaced by one that takes restic no time to open. */
function masterKeys(folder: string): Keys {
  const [name = ''] = readdirSync(folder)
  const file = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const user = userKeys(file)
  const text = open(Buffer.from(file.data, 'base64'), user)
  rmSync(join(folder, name))
  const cheap = { ...file, N: 2, r: 1, p: 1 }
  const data = seal(text, userKeys(cheap)).toString('base64')
  store(folder, Buffer.from(JSON.stringify({ ...cheap, data })))
  const { mac, encrypt } = JSON.parse(text)
  return {
    encrypt: Buffer.from(encrypt, 'base64'),
    k: Buffer.from(mac.k, 'base64'),
    r: Buffer.from(mac.r, 'base64'),
  }
}

function userKeys({ N, r, p, salt }: { N: number; r: number; p: number; salt: string }): Keys {
  const derived = scryptSync(password, Buffer.from(salt, 'base64'), 64, { N, r, p, maxmem: 1 << 30 })
  return { encrypt: derived.subarray(0, 32), k: derived.subarray(32, 48), r: derived.subarray(48, 64) }
}

function seal(text: string, { encrypt, k, r }: Keys): Buffer {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-ctr', encrypt, iv)
  const sealed = Buffer.concat([cipher.update(text), cipher.final()])
  const nonce = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false).update(iv)
  return Buffer.concat([iv, sealed, poly1305(sealed, r, nonce)])
}

function open(sealed: Buffer, { encrypt }: Keys): string {
  const decipher = createDecipheriv('aes-256-ctr', encrypt, sealed.subarray(0, 16))
  return decipher.update(sealed.subarray(16, -16)).toString()
}

const store = (folder: string, bytes: Buffer) =>
  writeFileSync(join(folder, createHash('sha256').update(bytes).digest('hex')), bytes)
