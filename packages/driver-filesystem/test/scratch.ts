import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Driver } from '@s3db-backup/core'
import { onTestFinished } from 'vitest'

export const call = { signal: new AbortController().signal, kind: 'part' } as const

/** A new empty directory that is removed after the test. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 's3db-backup-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export async function* bytes(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

export async function text(driver: Driver, key: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of driver.get(key, call)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export async function keys(driver: Driver, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of driver.list(prefix, call)) found.push(key)
  return found.sort()
}

/** Everything that really lies below a directory, temporary files and directories too. */
export async function onDisk(path: string): Promise<string[]> {
  return (await readdir(path, { recursive: true })).sort()
}

/** Runs `put.mjs` in a process of its own, as another user if one is given, and resolves with what it printed. */
export function putElsewhere(
  args: readonly string[],
  user: { uid?: number; gid?: number } = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, putArguments(args), user, (error, stdout) =>
      error === null ? resolve(JSON.parse(stdout)) : reject(error),
    )
  })
}

export function putArguments(args: readonly string[]): string[] {
  return [
    '--import',
    join(import.meta.dirname, 'from-source.mjs'),
    join(import.meta.dirname, 'put.mjs'),
    ...args,
  ]
}
